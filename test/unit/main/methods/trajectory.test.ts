import { describe, expect, test } from 'vitest';
import { methods } from '../../../../main/methods/registry.ts';
import { compiledBackends } from '../../../support/backends.ts';
import { expectClose } from '../../../support/close.ts';
import { readAll, tinySettings, train, weights } from './harness.ts';

const steps = 40;
/** Rounding has all these steps to spread. */
const tolerance = 1e-4;

describe.each(compiledBackends())('on $id', (backend) => {
  test.each(methods.map(({ id }) => id))('%s takes the path that it takes on the reference', async (id) => {
    const own = await train(id, tinySettings(id), { steps, backend });
    const oracle = await train(id, tinySettings(id), { steps });
    for (const name of weights) {
      expect(await own.network.readMask(name), name).toEqual(await oracle.network.readMask(name));
    }
    for (const slot of ['value', 'dual'] as const) {
      const expected = await readAll(oracle.network, slot);
      for (const [i, tensor] of (await readAll(own.network, slot)).entries()) {
        expectClose(tensor, expected[i], tolerance, `${slot} of tensor ${i}`);
      }
    }
    expect(own.after).toBeCloseTo(oracle.after, 4);
  });
});
