import { expect, test } from 'vitest';
import { environmentOf } from '../../../../main/app/engines.ts';
import { samplesCouple } from '../../../../main/models/graph.ts';
import { models } from '../../../../main/models/registry.ts';
import { probeInput } from '../../../../main/training/probe.ts';
import { parseValues } from '../../../../shared/fields.ts';

test.each(models)('$id is computed by threads that share operations only if its samples couple', (model) => {
  const values = parseValues(model.fields, {}, 'model');
  const couple = samplesCouple(model.build(values, probeInput([3, 32, 32]), 10));
  expect(couple).toBe(!['mlp', 'lenet5'].includes(model.id));
  const environment = environmentOf('tensorflow', 4, { id: model.id, values });
  expect(environment.TF_NUM_INTRAOP_THREADS).toBe(couple ? '4' : '1');
});

test('engines without variables of their own start as the host did', () => {
  expect(environmentOf('native', 4)).toEqual({});
  expect(environmentOf('tensorflow', 4).TF_NUM_INTRAOP_THREADS).toBe('4');
});
