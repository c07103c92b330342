import type { Browser } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBrowser } from '../../../../scripts/browser.mjs';
import { launchChromium } from '../../../support/chromium.ts';
import { startWorkbench, type Workbench } from '../../../support/serve.ts';

const hasBrowser = findBrowser() !== undefined;
if (!hasBrowser) console.warn('skipped: no browser here, so nothing checks that a real one obeys the CSP');

/** Tried in the page; as text, because it speaks of the DOM, which no other test here does. */
const injections = `(async () => {
  const add = (element) => document.body.append(element);
  const make = (name, properties) => Object.assign(document.createElement(name), properties);
  add(make('script', { textContent: 'window.ranInline = true' }));
  add(make('script', { src: 'data:text/javascript,window.ranData=true' }));
  document.body.insertAdjacentHTML('beforeend', '<img src="/nothing" onerror="window.ranHandler = true">');
  const link = make('a', { href: 'javascript:window.ranLink = true' });
  add(link);
  link.click();
  add(make('iframe', { srcdoc: '<script>parent.ranFrame = true</scr' + 'ipt>' }));
  setTimeout('window.ranText = true');
  const sent = await fetch('http://localhost:9/steal').then(() => 'sent', () => 'refused');
  await new Promise((resolve) => setTimeout(resolve, 500));
  const marks = ['ranInline', 'ranData', 'ranHandler', 'ranLink', 'ranFrame', 'ranText'];
  return { ran: marks.filter((name) => window[name]), sent };
})()`;

/** What a page of another origin can get of the workbench. */
const reachOver = (origin: string) => `(async () => {
  const read = await fetch('${origin}/index.html').then((response) => response.status, () => 'refused');
  const socket = new WebSocket('${origin.replace('http', 'ws')}/socket');
  const opened = await new Promise((resolve) => {
    socket.onopen = () => resolve('open');
    socket.onerror = () => resolve('refused');
  });
  return [read, opened];
})()`;

describe.skipIf(!hasBrowser)('a real browser', () => {
  let workbench: Workbench;
  let browser: Browser;

  beforeAll(async () => {
    workbench = await startWorkbench();
    browser = await launchChromium();
  }, 180_000);
  afterAll(async () => {
    await browser.close();
    await workbench.close();
  });

  it('takes the token out of the address and shows the workbench', async () => {
    const page = await browser.newPage();
    await page.goto(workbench.url);
    await page.waitForURL(/#\/runs$/);
    expect(page.url()).not.toContain('token');
    await page.getByRole('navigation').first().waitFor();
    await page.reload();
    await page.getByRole('navigation').first().waitFor();
    await page.close();
  });

  it('runs no script that was injected into the page, and sends nothing elsewhere', async () => {
    const page = await browser.newPage();
    const refused: string[] = [];
    page.on(
      'console',
      (message) => /Content Security Policy/i.test(message.text()) && refused.push(message.text()),
    );
    await page.goto(workbench.url);
    await page.waitForURL(/#\/runs$/);
    const marks = await page.evaluate(injections);
    expect(marks).toEqual({ ran: [], sent: 'refused' });
    expect(refused.length).toBeGreaterThanOrEqual(5);
    await page.close();
  });

  it('cannot be framed by, or read from, a page of another origin', async () => {
    const page = await browser.newPage();
    await page.goto(workbench.origin.replace('127.0.0.1', 'localhost') + '/icon.svg');
    const result = await page.evaluate(reachOver(workbench.origin));
    expect(result).toEqual(['refused', 'refused']);
    await page.close();
  });
});
