import type { CDPSession, Page } from '@playwright/test';

/** What a span of time was spent on by the thread that runs a page, milliseconds. */
export interface Spent {
  /** Computing, garbage collection included. */
  work: number;
  /** Of that, collecting garbage. */
  garbage: number;
  /** Had a task, but no processor: other programs and threads had them. */
  unscheduled: number;
  /** Had no task: the browser's other threads had not asked for the frame yet. */
  idle: number;
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Microseconds; `tdur` is the part of `dur` in which the thread had a processor. */
  ts: number;
  dur?: number;
  tdur?: number;
  args: { name?: string };
}

const clockMark = 'filigree-clock';

/**
 * Lets Chromium record the tasks of all its threads with their processor time, a few events per frame.
 * @returns ends the recording; tells of any span of the page's time (`performance.now()`) what it was spent on
 */
export async function recordMainThread(
  page: Page,
): Promise<() => Promise<(from: number, to: number) => Spent>> {
  const chromium = await page.context().browser()!.newBrowserCDPSession();
  await chromium.send('Tracing.start', {
    transferMode: 'ReturnAsStream',
    traceConfig: {
      recordMode: 'recordUntilFull',
      includedCategories: ['toplevel', 'v8', 'blink.user_timing'],
    },
  });
  const markedAt = await page.evaluate((name) => performance.mark(name).startTime, clockMark);
  return async () => {
    const events = await endTracing(chromium);
    await chromium.detach();
    const mark = events.find(({ name }) => name === clockMark)!;
    const ofPage = events.filter(({ pid, tid, ph }) => ph === 'X' && pid === mark.pid && tid === mark.tid);
    const spans = (wanted: (name: string) => boolean) =>
      ofPage
        .filter(({ name }) => wanted(name))
        .map(({ ts, dur = 0, tdur = 0 }) => ({
          at: (ts - mark.ts) / 1000 + markedAt,
          ms: dur / 1000,
          cpuMs: tdur / 1000,
        }));
    const tasks = spans((name) => name.endsWith('RunTask'));
    const collections = spans((name) => name === 'MinorGC' || name === 'MajorGC');
    return (from, to) => {
      const busy = sumWithin(tasks, from, to);
      return {
        work: busy.cpuMs,
        garbage: sumWithin(collections, from, to).cpuMs,
        unscheduled: busy.ms - busy.cpuMs,
        idle: to - from - busy.ms,
      };
    };
  };
}

/** Wall and processor time of the parts of spans that lie within `from`..`to`; a cut span counts in proportion. */
function sumWithin(
  spans: readonly { at: number; ms: number; cpuMs: number }[],
  from: number,
  to: number,
): { ms: number; cpuMs: number } {
  const sum = { ms: 0, cpuMs: 0 };
  for (const { at, ms, cpuMs } of spans) {
    const inside = Math.max(0, Math.min(at + ms, to) - Math.max(at, from));
    if (inside === 0) continue;
    sum.ms += inside;
    sum.cpuMs += (cpuMs * inside) / ms;
  }
  return sum;
}

async function endTracing(chromium: CDPSession): Promise<TraceEvent[]> {
  const complete = new Promise<{ stream?: string }>((resolve) =>
    chromium.once('Tracing.tracingComplete', resolve),
  );
  await chromium.send('Tracing.end');
  const handle = (await complete).stream!;
  let json = '';
  for (let eof = false; !eof;) {
    const part = await chromium.send('IO.read', { handle, size: 1 << 20 });
    json += part.base64Encoded ? Buffer.from(part.data, 'base64').toString() : part.data;
    eof = part.eof;
  }
  return (JSON.parse(json) as { traceEvents: TraceEvent[] }).traceEvents;
}
