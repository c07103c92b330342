import { nextTick, ref, effectScope } from 'vue';
import { describe, expect, it } from 'vitest';
import { useAnalysis } from '../../../../renderer/views/inspector/use-analysis.ts';

const settle = () => new Promise((resolve) => setTimeout(resolve));

function setUp() {
  const input = ref<number | undefined>(1);
  const subject = ref('a');
  const started: number[] = [];
  const finish: (() => void)[] = [];
  const compute = (wanted: number) => {
    started.push(wanted);
    return new Promise<string>((resolve, reject) =>
      finish.push(() => (wanted === 13 ? reject(new Error('no mask')) : resolve(`result ${wanted}`))),
    );
  };
  const scope = effectScope();
  const analysis = scope.run(() =>
    useAnalysis(
      () => input.value,
      compute,
      () => subject.value,
    ),
  )!;
  const finishNext = async () => {
    finish.shift()!();
    await settle();
  };
  return { input, subject, started, finishNext, analysis };
}

describe('an analysis', () => {
  it('skips what was only passed by while it was busy', async () => {
    const { input, started, finishNext, analysis } = setUp();
    for (const next of [2, 3, 4]) {
      input.value = next;
      await nextTick();
    }
    await finishNext();
    expect(analysis.value.value).toBe('result 1');
    expect(started).toEqual([1, 4]);
    await finishNext();
    expect(analysis.value.value).toBe('result 4');
  });

  it('never shows the result of another subject', async () => {
    const { input, subject, finishNext, analysis } = setUp();
    subject.value = 'b';
    input.value = 2;
    await nextTick();
    await finishNext();
    expect(analysis.value.value).toBeUndefined();
    await finishNext();
    expect(analysis.value.value).toBe('result 2');
  });

  it('tells errors and recovers', async () => {
    const { input, finishNext, analysis } = setUp();
    input.value = 13;
    await nextTick();
    await finishNext();
    await finishNext();
    expect((analysis.error.value as Error).message).toBe('no mask');
    input.value = 3;
    await nextTick();
    await finishNext();
    expect(analysis.error.value).toBeUndefined();
    expect(analysis.value.value).toBe('result 3');
    input.value = undefined;
    await nextTick();
    expect(analysis.value.value).toBeUndefined();
  });
});
