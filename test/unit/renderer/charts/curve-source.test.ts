// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest';
import { nextTick, ref } from 'vue';
import { CurveSource, type CurveQuery } from '../../../../renderer/charts/curve-source.ts';
import type { HostClient, HostStatus } from '../../../../renderer/host/client.ts';
import type { EventName, Events } from '../../../../shared/contract.ts';
import type { Curves } from '../../../../shared/curves.ts';
import { curveOf, type Point } from './curves.ts';

const runId = '01AAAAAAAAAAAAAAAAAAAAAAAA';

/** A host whose answers the test gives by hand. */
function fakeHost() {
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  const reads: {
    input: { buckets: number; from?: number };
    answer: (curves: Curves) => void;
    fail: (e: Error) => void;
  }[] = [];
  const status = ref<HostStatus>('open');
  const host = {
    status,
    call: (_: string, input: never) => new Promise((answer, fail) => reads.push({ input, answer, fail })),
    on(event: EventName, listener: (payload: never) => void) {
      const set = listeners.get(event) ?? new Set();
      listeners.set(event, set.add(listener));
      return () => void set.delete(listener);
    },
  } as unknown as HostClient;
  const emit = <E extends EventName>(event: E, payload: Events[E]) =>
    listeners.get(event)?.forEach((listener) => listener(payload as never));
  const frame = (points: Point[], key = 'train/loss') =>
    emit('run.frame', {
      runId,
      frame: {
        type: 'scalars',
        series: [
          {
            key,
            steps: Float64Array.from(points, (p) => p.step),
            values: Float64Array.from(points, (p) => p.value),
            wallMs: Float64Array.from(points, (p) => p.step * 1000),
          },
        ],
      },
    });
  return { host, reads, emit, frame, status, listeners };
}

const pointsUpTo = (from: number, to: number): Point[] =>
  Array.from({ length: to - from }, (_, i) => ({ step: from + i, x: from + i, value: Math.sin(from + i) }));
const answerOf = (points: Point[]): Curves => ({ series: [curveOf(points, 0.9, runId, 'train/loss')] });
const query: CurveQuery = {
  series: [{ runId, key: 'train/loss' }],
  x: 'step',
  range: undefined,
  buckets: 50,
  smoothing: 0.9,
};
const settle = async () => {
  await nextTick();
  await Promise.resolve();
  await Promise.resolve();
};

let source: CurveSource;
afterEach(() => source.dispose());

function start(q = query) {
  const fake = fakeHost();
  const changed = vi.fn();
  source = new CurveSource(fake.host, changed);
  source.show(q);
  return { ...fake, changed };
}

const drawn = () => source.curve(runId, 'train/loss')!;

describe('CurveSource', () => {
  it('reads once for the same question', async () => {
    const { reads } = start();
    source.show({ ...query });
    expect(reads).toHaveLength(1);
    source.show({ ...query, smoothing: 0.5 });
    expect(reads).toHaveLength(2);
  });

  it('goes on from the answer with live points', async () => {
    const { reads, frame, changed } = start();
    reads[0].answer(answerOf(pointsUpTo(0, 20)));
    await settle();
    changed.mockClear();
    frame(pointsUpTo(20, 30));
    expect(changed).toHaveBeenCalledOnce();
    const whole = curveOf(pointsUpTo(0, 30), 0.9);
    expect(drawn().length).toBe(30);
    for (let i = 0; i < 30; i++) expect(drawn().smooth[i]).toBeCloseTo(whole.smooth[i], 12);
  });

  it('neither loses nor doubles points that come while an answer is under way', async () => {
    const { reads, frame } = start();
    // The host read after it had sent the first of these frames and before the second.
    frame(pointsUpTo(10, 20));
    frame(pointsUpTo(20, 25));
    reads[0].answer(answerOf(pointsUpTo(0, 20)));
    await settle();
    expect([...drawn().steps.slice(0, drawn().length)]).toEqual(pointsUpTo(0, 25).map((p) => p.step));
  });

  it('reads again when the tail is as long as the buckets', async () => {
    const { reads, frame } = start();
    reads[0].answer(answerOf(pointsUpTo(0, 5)));
    await settle();
    frame(pointsUpTo(5, 50));
    expect(reads).toHaveLength(1);
    frame(pointsUpTo(50, 60));
    expect(reads).toHaveLength(2);
    reads[1].answer(answerOf(pointsUpTo(0, 60)));
    await settle();
    expect(drawn().tail).toBe(0);
  });

  it('keeps live points out of a range that ends before them', async () => {
    const { reads, frame } = start({ ...query, range: [0, 22] });
    expect(reads[0].input).toMatchObject({ from: 0, to: 22 });
    reads[0].answer(answerOf(pointsUpTo(0, 20)));
    await settle();
    frame(pointsUpTo(20, 30));
    expect(drawn().length).toBe(23);
  });

  it('reads again after history was cut back and after a lost connection', async () => {
    const { reads, emit, status } = start();
    reads[0].answer(answerOf(pointsUpTo(0, 5)));
    await settle();
    emit('run.truncated', { runId, step: 3 });
    emit('run.truncated', { runId: '01BBBBBBBBBBBBBBBBBBBBBBBB', step: 3 });
    expect(reads).toHaveLength(2);
    status.value = 'lost';
    await nextTick();
    status.value = 'open';
    await nextTick();
    expect(reads).toHaveLength(3);
  });

  it('shows the newest question only, whatever order answers come in', async () => {
    const { reads } = start();
    source.show({ ...query, smoothing: 0 });
    reads[1].answer({ series: [curveOf(pointsUpTo(0, 7), 0, runId, 'train/loss')] });
    await settle();
    reads[0].answer(answerOf(pointsUpTo(0, 3)));
    await settle();
    expect(drawn().length).toBe(7);
    expect(source.shown?.smoothing).toBe(0);
  });

  it('says what went wrong and keeps what it has', async () => {
    const { reads, changed } = start();
    reads[0].answer(answerOf(pointsUpTo(0, 3)));
    await settle();
    source.show({ ...query, smoothing: 0 });
    reads[1].fail(new Error('no such thing'));
    await settle();
    expect(source.error).toEqual(new Error('no such thing'));
    expect(drawn().length).toBe(3);
    expect(changed).toHaveBeenCalled();
  });

  it('asks again once a run that had no points gets its first', async () => {
    const { reads, frame } = start();
    reads[0].answer({ series: [curveOf([], 0.9, runId, 'train/loss')] });
    await settle();
    frame(pointsUpTo(0, 2));
    expect(reads).toHaveLength(2);
  });

  it('stops listening', async () => {
    const { listeners, reads } = start();
    source.dispose();
    expect([...listeners.values()].every((set) => set.size === 0)).toBe(true);
    reads[0].answer(answerOf(pointsUpTo(0, 3)));
    await settle();
    expect(drawn()).toBeUndefined();
  });
});
