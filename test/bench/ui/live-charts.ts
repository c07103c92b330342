import type { Page } from '@playwright/test';
import type { EventName, Events } from '../../../shared/contract.ts';
import { decodeMessage } from '../../../shared/wire.ts';
import { median } from '../support.ts';
import { withWorkbench } from './browser.ts';
import type { Figure } from './index.ts';
import { recordMainThread, type Spent } from './main-thread.ts';

const watchedMs = 20_000;
const longMs = 50;

/** Many layers, so that there are series for 24 charts; one core trains, the other draws. */
const config = {
  name: 'live',
  model: { id: 'mlp', widths: [200, 180, 160, 140, 120, 100, 80, 60, 40] },
  dataset: { id: 'fashion-mnist-mini' },
  method: { id: 'rigl', density: 0.1 },
  training: { epochs: 2000, batchSize: 64 },
  engine: { threads: 1 },
};

/** A run that trains while 24 of its charts are on the screen: how long frames get, and how old new points are. */
export async function liveCharts(folder: string): Promise<Figure[]> {
  return withWorkbench(folder, async ({ page, visit, call }) => {
    const frames = newestPoints(page);
    // High enough for 24 charts.
    await page.setViewportSize({ width: 1920, height: 1560 });
    await page.reload();
    const { id } = await call('runs.create', { config });
    await visit(`/runs/${id}?all=1`);
    await page.waitForFunction(
      () => document.querySelectorAll('[data-last-step]:not([data-last-step="0"])').length >= 24,
      undefined,
      { timeout: 60_000 },
    );
    await page.waitForTimeout(3000);
    const endRecording = await recordMainThread(page);
    const seen = await watch(page);
    const spentOn = await endRecording();
    await call('runs.stop', { id });
    const delays = delaysOf(frames, seen.lossDrawn);
    return [
      {
        what: 'longest frame with 24 live charts',
        measured: Math.max(...seen.frames.map(({ from, to }) => to - from)),
        limit: longMs,
        unit: 'ms',
        how: `${seen.charts} charts in view, ${seen.drawings} redraws in ${watchedMs / 1000} s. ${describe(seen.frames, spentOn)}`,
      },
      {
        what: 'frame to chart',
        measured: median(delays),
        limit: 700,
        unit: 'ms',
        how: `from the recording of a loss in the training process to its drawing, median; slowest ${Math.max(...delays).toFixed(0)} ms`,
      },
    ];
  });
}

interface Seen {
  /** From one frame to the next, and the work of long ones, by the page's clock, milliseconds. */
  frames: { from: number; to: number }[];
  charts: number;
  drawings: number;
  /** When the loss chart had drawn which step, milliseconds since 1970. */
  lossDrawn: { step: number; atMs: number }[];
}

/** Where the time of the longest frame went, and of those over the limit. */
function describe(frames: Seen['frames'], spentOn: (from: number, to: number) => Spent): string {
  const spent = frames.map(({ from, to }) => ({ ms: to - from, ...spentOn(from, to) }));
  const most = Math.max(...spent.map(({ work }) => work));
  const long = spent.filter(({ ms }) => ms > longMs).sort((a, b) => b.ms - a.ms);
  const whole = (ms: number) => ms.toFixed(0);
  const details = long.slice(0, 3).map((frame) => {
    const { ms, work, garbage, unscheduled, idle } = frame;
    return `${whole(ms)} ms: ${whole(work)} of work (${whole(garbage)} garbage collection), ${whole(unscheduled)} without a processor, ${whole(idle)} idle`;
  });
  const found = long.length === 0 ? 'none' : `${long.length} (${details.join('; ')})`;
  return `Most work in a frame ${most.toFixed(1)} ms of processor time; frames over ${longMs} ms: ${found}`;
}

/** Watches the frames and the charts of the page for a while. */
function watch(page: Page): Promise<Seen> {
  return page.evaluate(
    (duration) =>
      new Promise<Seen>((resolve) => {
        const seen: Seen = { frames: [], charts: 0, drawings: 0, lossDrawn: [] };
        // The browser reports frames that kept the main thread for 50 ms or more.
        const longFrames = new PerformanceObserver((list) => {
          for (const { startTime, duration: ms } of list.getEntries())
            seen.frames.push({ from: startTime, to: startTime + ms });
        });
        // Node's types, which are in this program too, do not know this one.
        longFrames.observe({ type: 'long-animation-frame' as 'measure' });
        // And what a user sees: the time from one frame to the next.
        let last = performance.now();
        let running = true;
        const frame = (now: number) => {
          seen.frames.push({ from: last, to: now });
          last = now;
          if (running) requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
        const loss = document.querySelector('[aria-label="Loss"] [data-last-step]');
        const drawings = new MutationObserver((changes) => {
          seen.drawings += changes.length;
          const atMs = performance.timeOrigin + performance.now();
          for (const { target } of changes) {
            const step = Number((target as Element).getAttribute('data-last-step'));
            if (target === loss) seen.lossDrawn.push({ step, atMs });
          }
        });
        drawings.observe(document.body, { subtree: true, attributeFilter: ['data-last-step'] });
        setTimeout(() => {
          running = false;
          longFrames.disconnect();
          drawings.disconnect();
          seen.charts = [...document.querySelectorAll('[data-last-step]')].filter((chart) => {
            const { top, bottom } = chart.getBoundingClientRect();
            return bottom > 0 && top < innerHeight;
          }).length;
          resolve(seen);
        }, duration);
      }),
    watchedMs,
  );
}

/** The newest loss of every frame that reaches the window, with its time of recording and of arrival. */
function newestPoints(page: Page): { step: number; wallMs: number; arrivedMs: number }[] {
  const points: { step: number; wallMs: number; arrivedMs: number }[] = [];
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      if (typeof payload === 'string') return;
      const arrivedMs = Date.now();
      const message = decodeMessage(payload) as { event?: EventName; payload: Events['run.frame'] };
      if (message.event !== 'run.frame' || message.payload.frame.type !== 'scalars') return;
      const loss = message.payload.frame.series.find(({ key }) => key === 'train/loss');
      if (!loss) return;
      points.push({ step: loss.steps.at(-1)!, wallMs: loss.wallMs.at(-1)!, arrivedMs });
    }),
  );
  return points;
}

/**
 * Age of points when they were drawn. A frame's newest point was recorded just before it was sent, so the smallest
 * difference of arrival and wall time tells when wall time 0 was; a drawing shows points from the one before on,
 * whose mean age counts.
 */
function delaysOf(
  frames: readonly { step: number; wallMs: number; arrivedMs: number }[],
  drawn: Seen['lossDrawn'],
): number[] {
  const zero = Math.min(...frames.map(({ arrivedMs, wallMs }) => arrivedMs - wallMs));
  const wallOf = new Map(frames.map(({ step, wallMs }) => [step, wallMs]));
  return drawn.slice(1).flatMap(({ step, atMs }, i) => {
    const newest = wallOf.get(step);
    const before = wallOf.get(drawn[i].step);
    return newest === undefined || before === undefined ? [] : [atMs - zero - (newest + before) / 2];
  });
}
