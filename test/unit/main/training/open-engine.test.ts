import { afterEach, expect, test, vi } from 'vitest';
import { unavailable } from '../../../../main/backends/engine.ts';
import { engineById } from '../../../../main/backends/registry.ts';
import { openEngine } from '../../../../main/training/open-engine.ts';

afterEach(() => void vi.restoreAllMocks());

const now = engineById('reference');

test('an engine that is as it was is taken without a word', async () => {
  const begunWith = (await now.load(1)).backend.describe();
  const { chosen, warnings } = await openEngine({ id: 'reference', reason: '', begunWith }, 0);
  expect([chosen.id, chosen.threads, warnings]).toEqual(['reference', 1, []]);
});

test('an engine that has changed since the run began is taken, and said aloud', async () => {
  const { warnings } = await openEngine({ id: 'reference', reason: '', begunWith: 'reference of 2025' }, 0);
  expect(warnings).toEqual([
    'The run began on reference of 2025 and goes on with TypeScript reference (slow): its numbers may differ from ' +
      'here on in their last digits.',
  ]);
});

test('an engine that is gone is not replaced by another', async () => {
  vi.spyOn(engineById('webgpu'), 'load').mockImplementation(async () =>
    unavailable('webgpu', 'no GPU was found'),
  );
  const order = { id: 'webgpu', reason: '' } as const;
  await expect(openEngine(order, 0)).rejects.toMatchObject({ code: 'backend-unavailable' });
  await expect(openEngine({ ...order, begunWith: 'WebGPU: a GPU' }, 0)).rejects.toMatchObject({
    code: 'engine-gone',
    message: expect.stringMatching(
      /^This run began on WebGPU: a GPU .* no GPU was found\. To use another/,
    ) as string,
  });
});
