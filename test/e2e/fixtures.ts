import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, test as base, type Browser, type Page } from '@playwright/test';
import { findBrowser } from '../../scripts/browser.mjs';
import { launchChromium } from '../support/chromium.ts';
import { noEngines } from '../support/no-engines.ts';
import { startWorkbench } from '../support/serve.ts';

export { expect } from '@playwright/test';

export interface ShellOptions {
  shell: 'browser' | 'electron';
}

/** A workbench with its window open. */
export interface App {
  page: Page;
  /** Messages of level error in the window's console since it opened. */
  consoleErrors: string[];
  /** Ends the host as `kill -9` does. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

interface OpenOptions {
  workspace: string;
  size?: { width: number; height: number };
  theme?: 'light' | 'dark';
  /** Where to, e.g. `/runs/ID`. */
  to?: string;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The installed Electron, found by looking at files: asking the package would start a download. */
export function installedElectron(): string | undefined {
  const folder = join(root, 'node_modules', 'electron');
  try {
    const path = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8'));
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

function collectErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(String(error)));
  return errors;
}

async function openInBrowser(browser: Browser, options: OpenOptions): Promise<App> {
  const workbench = await startWorkbench({ workspace: options.workspace });
  const context = await browser.newContext({
    viewport: options.size ?? { width: 1280, height: 800 },
    colorScheme: options.theme ?? 'dark',
    acceptDownloads: true,
  });
  const page = await context.newPage();
  const consoleErrors = collectErrors(page);
  await page.goto(options.to ? `${workbench.url}&to=${encodeURIComponent(options.to)}` : workbench.url);
  return {
    page,
    consoleErrors,
    async kill() {
      const gone = new Promise((resolve) => workbench.process.once('exit', resolve));
      workbench.process.kill('SIGKILL');
      await gone;
    },
    async close() {
      await context.close();
      await workbench.close();
    },
  };
}

async function openInElectron(options: OpenOptions): Promise<App> {
  const app = await _electron.launch({
    executablePath: installedElectron(),
    args: [root, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
    env: { ...(process.env as Record<string, string>), ...noEngines, FILIGREE_HOME: options.workspace },
  });
  const page = await app.firstWindow();
  const consoleErrors = collectErrors(page);
  if (options.to) await page.goto(new URL(`#${options.to}`, page.url()).href);
  return {
    page,
    consoleErrors,
    async kill() {
      const child = app.process();
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    },
    close: () => app.close(),
  };
}

interface TestFixtures {
  /** An empty folder, gone after the test. */
  workspace: string;
  shellIsHere: void;
}

interface WorkerFixtures extends ShellOptions {
  open(options: OpenOptions): Promise<App>;
}

/** `open` starts a host on a workspace and its window; every window is closed with the test run. */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  shell: ['browser', { option: true, scope: 'worker' }],
  open: [
    async ({ shell }, use) => {
      const opened: App[] = [];
      let browser: Browser | undefined;
      await use(async (options) => {
        if (shell === 'browser') {
          browser ??= await launchChromium();
        }
        const app = browser ? await openInBrowser(browser, options) : await openInElectron(options);
        opened.push(app);
        return app;
      });
      for (const app of opened) await app.close().catch(() => {});
      await browser?.close();
    },
    { scope: 'worker' },
  ],
  shellIsHere: [
    async ({ shell }, use, info) => {
      const electronMissing = shell === 'electron' && !installedElectron();
      info.skip(electronMissing, 'the Electron binary is not installed and cannot be downloaded here');
      info.skip(shell === 'browser' && !findBrowser(), 'no browser is installed');
      await use();
    },
    { auto: true },
  ],
  // Playwright insists on a destructured first parameter.
  // eslint-disable-next-line no-empty-pattern
  workspace: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'filigree-e2e-'));
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },
});
