import { chromium, type Browser } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBrowser } from '../../../../scripts/browser.mjs';
import { startWorkbench, type Workbench } from '../../../support/serve.ts';

const executablePath = findBrowser();
if (!executablePath)
  console.warn('skipped: no browser here, so nothing checks that a real one obeys the CSP');

describe.skipIf(!executablePath)('a real browser', () => {
  let workbench: Workbench;
  let browser: Browser;

  beforeAll(async () => {
    workbench = await startWorkbench();
    const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
    browser = await chromium.launch({ executablePath, args: [...quiet, '--no-sandbox'] });
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
    const marks = await page.evaluate(async () => {
      const global = window as unknown as Record<string, unknown>;
      const inline = document.createElement('script');
      inline.textContent = 'window.ranInline = true';
      document.body.append(inline);
      const foreign = document.createElement('script');
      foreign.src = 'data:text/javascript,window.ranData=true';
      document.body.append(foreign);
      document.body.insertAdjacentHTML(
        'beforeend',
        '<img src="/nothing" onerror="window.ranHandler = true">',
      );
      const link = document.createElement('a');
      link.href = 'javascript:window.ranLink = true';
      document.body.append(link);
      link.click();
      const frame = document.createElement('iframe');
      frame.srcdoc = '<script>parent.ranFrame = true</script>';
      document.body.append(frame);
      setTimeout('window.ranText = true' as never);
      const sent = await fetch('http://localhost:9/steal').then(
        () => 'sent',
        () => 'refused',
      );
      await new Promise((resolve) => setTimeout(resolve, 500));
      const ran = ['ranInline', 'ranData', 'ranHandler', 'ranLink', 'ranFrame', 'ranText'].filter(
        (name) => global[name],
      );
      return { ran, sent };
    });
    expect(marks).toEqual({ ran: [], sent: 'refused' });
    expect(refused.length).toBeGreaterThanOrEqual(5);
    await page.close();
  });

  it('cannot be framed by, or read from, a page of another origin', async () => {
    const page = await browser.newPage();
    await page.goto(workbench.origin.replace('127.0.0.1', 'localhost') + '/icon.svg');
    const result = await page.evaluate(async (origin) => {
      const read = await fetch(`${origin}/index.html`).then(
        (response) => response.status,
        () => 'refused',
      );
      const socket = new WebSocket(`${origin.replace('http', 'ws')}/socket`);
      const socketResult = await new Promise((resolve) => {
        socket.onopen = () => resolve('open');
        socket.onerror = () => resolve('refused');
      });
      return [read, socketResult];
    }, workbench.origin);
    expect(result).toEqual(['refused', 'refused']);
    await page.close();
  });
});
