import { describe, expect, test } from 'vitest';
import { predictFlops } from '../../../../main/flops/predict.ts';
import { presetById, presets } from '../../../../main/methods/presets.ts';
import { methodById, methods } from '../../../../main/methods/registry.ts';
import { analyse } from '../../../../main/models/graph.ts';
import { modelById } from '../../../../main/models/registry.ts';
import { parseRunConfig } from '../../../../main/training/config.ts';
import { parseValues } from '../../../../shared/fields.ts';

const horizon = { totalSteps: 20 * 468, stepsPerEpoch: 468 };

describe('presets', () => {
  test('have distinct ids, and asking for another names them', () => {
    expect(new Set(presets.map((p) => p.id)).size).toBe(presets.length);
    expect(() => presetById('ml-linberg')).toThrow(/preset: "ml-linberg".*ml-linbreg, /);
  });

  test.each(presets.map((p) => [p.id, p] as const))('%s is a complete, valid config', (_, preset) => {
    const config = parseRunConfig(structuredClone(preset.config));
    methodById(config.method.id).check?.(config.method.values, horizon);
    for (const [key, value] of Object.entries(preset.config.method)) {
      if (key !== 'id') expect(config.method.values[key]).toEqual(value);
    }
    expect(preset.source).not.toBe('');
  });

  test('hold every method to an acceptance figure', () => {
    const covered = new Set(presets.filter((p) => p.expect).map((p) => p.config.method.id as string));
    expect(methods.filter((m) => !covered.has(m.id)).map((m) => m.id)).toEqual([]);
  });

  test.each(presets.filter((p) => p.expect?.flopsMax !== undefined).map((p) => [p.id, p] as const))(
    '%s: its plan allows the FLOPs it is to stay within',
    (_, { config, expect: wanted }) => {
      const mlp = modelById('mlp');
      const input = { shape: [1, 28, 28] as const, scale: [1], shift: [0] };
      const { parameters } = analyse(
        mlp.build(parseValues(mlp.fields, { widths: [200, 80] }, 'model'), input, 10),
      );
      const method = methodById(config.method.id);
      const { values } = parseRunConfig(structuredClone(config)).method;
      // Densities averaged over the training: measured for methods without a budget, the budget otherwise.
      const measured: Record<string, number> = {
        ...{ 'ml-linbreg': 0.104, linbreg: 0.093, 'ml-adabreg': 0.12 },
        ...{ sgd: 1, adam: 1, adamw: 1 },
      };
      const density = (values.density ??
        (values.lambda === 0.02 ? 0.068 : measured[config.method.id])) as number;
      const { percentOfDense } = predictFlops(parameters, method, values, horizon, 128, () => density);
      expect(percentOfDense.paper).toBeLessThanOrEqual(wanted!.flopsMax!);
      expect(percentOfDense.paper).toBeGreaterThanOrEqual(wanted!.flopsMin ?? 0);
    },
  );
});
