import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import sharp from 'sharp';
import { expect, test } from './fixtures.ts';
import { filigree, trainSampleRuns } from './sample-runs.ts';

// Pictures of every view in both themes and two sizes, of a real study: `npm run screens`.

const folder = fileURLToPath(new URL('screens', import.meta.url));
const sizes = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
];

interface Listed {
  id: string;
  name: string;
}

let workspace: string;
let empty: string;
let runs: Listed[];

test.beforeAll(async () => {
  test.setTimeout(600_000);
  workspace = await mkdtemp(join(tmpdir(), 'filigree-screens-'));
  empty = await mkdtemp(join(tmpdir(), 'filigree-screens-'));
  await mkdir(folder, { recursive: true });
  await trainSampleRuns(workspace);
  const listed = await filigree(workspace, 'runs', '--limit', '100', '--json');
  runs = JSON.parse(listed.slice(listed.indexOf('['))) as Listed[];
});
test.afterAll(async () => {
  for (const path of [workspace, empty]) await rm(path, { recursive: true, force: true });
});

const idOf = (part: string) => runs.find(({ name }) => name.includes(part))!.id;

for (const theme of ['dark', 'light'] as const) {
  for (const size of sizes) {
    test(`${theme}, ${size.width}x${size.height}`, async ({ open }) => {
      test.setTimeout(420_000);
      const first = await open({ workspace: empty, theme, size });
      const take = async (page: Page, name: string) => {
        // Nothing is hovered, and what arrives late is there.
        await page.mouse.move(size.width - 1, 0);
        await page.waitForTimeout(1200);
        const path = join(folder, `${name}-${theme}-${size.width}x${size.height}.png`);
        // 256 colours look the same and take a third of the bytes.
        await sharp(await page.screenshot())
          .png({ palette: true, effort: 10 })
          .toFile(path);
      };
      await expect(first.page.getByRole('button', { name: 'Train the quick start' })).toBeVisible();
      await take(first.page, 'first-start');
      await first.close();

      const { page, close } = await open({ workspace, theme, size });
      const at = async (name: string, path: string, prepare?: () => Promise<void>) => {
        await page.goto(new URL(`#${path}`, page.url()).href);
        await page.waitForTimeout(800);
        await prepare?.();
        await take(page, name);
      };
      const sparse = idOf('λ = 0.01');
      const rigl = idOf('rigl at density 0.1');
      const compared = [
        sparse,
        idOf('Dense SGD'),
        rigl,
        idOf('set at density 0.1'),
        idOf('static at density 0.1'),
      ];

      await at('runs', '/runs');
      await at('runs-scatter', '/runs?view=scatter');
      await at('runs-parallel', '/runs?view=parallel');
      await at('new-run', '/new?preset=quickstart', () =>
        page
          .getByRole('button', { name: 'Measure' })
          .click()
          .then(() => page.waitForTimeout(6000)),
      );
      await at('run', `/runs/${sparse}?smooth=0.8`);
      await at('masks', `/runs/${rigl}/masks`);
      await at('masks-fields', `/runs/${rigl}/masks?arrange=fields&tab=degrees`);
      await at('masks-difference', `/runs/${rigl}/masks?step=0&b-step=1320&tab=churn`);
      await at('masks-filters', `/runs/${idOf('ConvNet')}/masks?tab=filters`);
      await at('compare', `/compare?ids=${compared.join()}`);
      await at('datasets', '/datasets');
      await at('settings', '/settings');
      const dialog = page.getByRole('dialog');
      await at('export', `/runs/${sparse}`, async () => {
        await page.keyboard.press('e');
        await dialog.getByRole('checkbox', { name: /^ONNX \.onnx/ }).check();
        await dialog.getByRole('switch', { name: 'Remove dead units' }).click();
        await dialog.getByTestId('export-preview').waitFor();
      });
      await dialog.getByRole('button', { name: 'Export 2 formats' }).click();
      const replace = dialog.getByRole('button', { name: 'Replace the file' });
      const done = dialog.getByTestId('self-check').getByText('ONNX Runtime');
      await replace.or(done).waitFor({ timeout: 60_000 });
      if (await replace.isVisible()) await replace.click();
      await done.waitFor({ timeout: 60_000 });
      await take(page, 'export-done');
      await page.keyboard.press('Escape');
      await at('palette', '/runs', async () => {
        await page.keyboard.press('Control+K');
        await page.keyboard.type('r');
      });
      await page.keyboard.press('Escape');
      await at('shortcuts', '/runs', () => page.keyboard.press('?'));
      await page.keyboard.press('Escape');
      await at('live', '/new?preset=quickstart', async () => {
        await page.getByLabel('Epochs', { exact: true }).fill('600');
        await expect(page.getByText('Ready to train')).toBeVisible();
        await page.getByRole('button', { name: 'Train', exact: true }).click();
        await page.waitForURL(/\/runs\/[0-9A-Z]{26}/);
        await page.waitForTimeout(12_000);
      });
      await page.keyboard.press('Shift+S');
      await expect(page.getByTestId('run-state').first()).toHaveText('Stopped', { timeout: 30_000 });
      await page.getByRole('button', { name: 'More actions' }).click();
      await page.getByRole('menuitem', { name: /Delete/ }).click();
      await close();
    });
  }
}
