import type { ScalarSeries } from '../../shared/frames.ts';
import { encodeSafetensorsChunks, type Tensor } from '../../shared/safetensors.ts';
import { paths, readTensors } from './manifest.ts';
import { badArchive } from './zip-format.ts';

const columns = ['steps', 'values', 'wallMs'] as const;

/** Curves as float64 tensors `<series>/steps`, `<series>/values` and `<series>/wallMs`: all bits are kept. */
export function encodeMetrics(series: readonly ScalarSeries[]): Uint8Array[] {
  const tensors = series.flatMap((one) =>
    columns.map((column): Tensor => {
      const data = one[column];
      return { name: `${one.key}/${column}`, dtype: 'F64', shape: [data.length], data };
    }),
  );
  return encodeSafetensorsChunks(tensors);
}

/** @throws UserError `bad-archive` naming the series that is wrong */
export function decodeMetrics(bytes: Uint8Array): ScalarSeries[] {
  const series = new Map<string, Partial<ScalarSeries>>();
  for (const { name, dtype, data } of readTensors(paths.metrics, bytes).tensors) {
    const at = name.lastIndexOf('/');
    const key = name.slice(0, at);
    const column = columns.find((one) => one === name.slice(at + 1));
    if (!column || key.length < 1 || key.length > 200 || dtype !== 'F64') {
      throw badArchive(`${paths.metrics} holds ${name} of type ${dtype}, which is no part of a curve`);
    }
    series.set(key, { ...series.get(key), key, [column]: data });
  }
  return [...series.values()].map(checked);
}

/** The curve, if it is one that could have been recorded. */
function checked({ key, steps, values, wallMs }: Partial<ScalarSeries>): ScalarSeries {
  const fail = (why: string) => badArchive(`${paths.metrics}: the curve ${key} ${why}`);
  if (!steps || !values || !wallMs) throw fail('lacks its steps, values or times');
  if (steps.length !== values.length || wallMs.length !== values.length) {
    throw fail(`has ${steps.length} steps, ${values.length} values and ${wallMs.length} times`);
  }
  if (steps.length === 0) throw fail('has no point');
  let before = 0;
  for (const step of steps) {
    if (!Number.isInteger(step) || step < before || step > 0xffff_ffff)
      throw fail(`has step ${step} after ${before}`);
    before = step;
  }
  if (!wallMs.every(Number.isFinite)) throw fail('has a time that is not finite');
  return { key: key!, steps, values, wallMs };
}
