import { once } from 'node:events';
import type { Page } from '@playwright/test';
import { WebSocket } from 'ws';
import type { Answer, CallName, Input, Output } from '../../../shared/contract.ts';
import { decodeMessage, encodeMessage } from '../../../shared/wire.ts';
import { launchChromium } from '../../support/chromium.ts';
import { startWorkbench, type Workbench } from '../../support/serve.ts';

export interface OpenWorkbench {
  page: Page;
  /** Goes to a view without loading the page again. */
  visit(path: string): Promise<void>;
  /** Calls the host directly, as a second window would. */
  call<N extends CallName>(name: N, input: Input<N>): Promise<Output<N>>;
}

/** Opens the real workbench on a workspace in headless Chromium and closes both after `use`. */
export async function withWorkbench<T>(
  workspace: string,
  use: (workbench: OpenWorkbench) => Promise<T>,
): Promise<T> {
  const workbench = await startWorkbench({ workspace });
  const browser = await launchChromium();
  const second = await connect(workbench);
  try {
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
    await page.goto(workbench.url);
    await page.getByRole('navigation').first().waitFor();
    const visit = (path: string) => page.evaluate((to) => void (location.hash = to), path);
    return await use({ page, visit, call: second.call });
  } finally {
    second.close();
    await browser.close();
    await workbench.close();
  }
}

async function connect({
  origin,
  token,
}: Workbench): Promise<Pick<OpenWorkbench, 'call'> & { close(): void }> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/socket`, { origin });
  await once(socket, 'open');
  socket.send(JSON.stringify({ token }));
  await once(socket, 'message');
  return {
    call: (name, input) =>
      new Promise((resolve, reject) => {
        const onMessage = (data: Buffer, isBinary: boolean) => {
          const message = decodeMessage(isBinary ? data : data.toString()) as { answer?: Answer<CallName> };
          if (!message.answer) return;
          socket.off('message', onMessage);
          if (message.answer.ok) resolve(message.answer.value as never);
          else reject(new Error(message.answer.error.message));
        };
        socket.on('message', onMessage);
        socket.send(encodeMessage({ id: 1, call: name, input }));
      }),
    close: () => socket.close(),
  };
}

/**
 * Goes to a view and waits until a chart has drawn the given step.
 * @returns milliseconds in between, by the page's clock
 */
export async function untilDrawn(page: Page, path: string, step: number): Promise<number> {
  return page.evaluate(
    ([to, wanted]) =>
      new Promise<number>((resolve) => {
        const start = performance.now();
        const look = () => {
          if (document.querySelector(`[data-last-step="${wanted}"]`)) resolve(performance.now() - start);
          else requestAnimationFrame(look);
        };
        location.hash = to;
        requestAnimationFrame(look);
      }),
    [path, String(step)],
  );
}
