import { z } from 'zod';
import { encodeSafetensorsChunks, type Tensor } from '../../shared/safetensors.ts';
import type { StoredSnapshot } from '../store/run-store.ts';
import { countOnes } from '../topology/select.ts';
import { decodeMask } from '../topology/snapshot.ts';
import { parseJson, paths, readTensors } from './manifest.ts';
import { badArchive } from './zip-format.ts';

/** Entries of the masks of all layers together: several times our largest network. */
const mostEntries = 1 << 28;
/** Entries of all snapshots together: what is decoded to check them. */
const mostDecoded = 2 ** 36;

const size = z.number().int().min(1).max(mostEntries);
const step = z.number().int().min(0).max(0xffff_ffff);
const index = z.array(
  z.strictObject({
    name: z.string().min(1).max(200),
    step,
    rows: size,
    columns: size,
    nnz: z.number().int().min(0).max(mostEntries),
    encoding: z.enum(['bits', 'gaps']),
    baseStep: step.optional(),
  }),
);

/** Snapshots as they are stored, one byte tensor `<step>/<layer>` each; what their bytes mean is in the metadata. */
export function encodeMasks(masks: readonly StoredSnapshot[]): Uint8Array[] {
  const tensors = masks.map(({ name, step, data }): Tensor => {
    return { name: `${step}/${name}`, dtype: 'U8', shape: [data.length], data };
  });
  const snapshots = masks.map((mask) => ({ ...mask, data: undefined }));
  return encodeSafetensorsChunks(tensors, { snapshots: JSON.stringify(snapshots) });
}

/**
 * @returns the snapshots by step, each decoded once to see that it is whole
 * @throws UserError `bad-archive` naming the layer and the step that is wrong
 */
export function decodeMasks(bytes: Uint8Array): StoredSnapshot[] {
  const { tensors, metadata } = readTensors(paths.masks, bytes);
  const json = parseJson(`${paths.masks} · snapshots`, Buffer.from(metadata.snapshots ?? 'null'));
  const listed = index.safeParse(json);
  if (!listed.success) {
    const [issue] = listed.error.issues;
    throw badArchive(`${paths.masks} · ${issue.path.join(' · ')}: ${issue.message}`);
  }
  const data = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const masks = listed.data.map((snapshot): StoredSnapshot => {
    const key = `${snapshot.step}/${snapshot.name}`;
    const tensor = data.get(key);
    if (tensor?.dtype !== 'U8') throw badArchive(`${paths.masks} lacks the mask ${key}`);
    data.delete(key);
    return { ...snapshot, data: tensor.data as Uint8Array };
  });
  const [extra] = data.keys();
  if (extra !== undefined) throw badArchive(`${paths.masks} holds ${extra}, which it does not list`);
  checkChains(masks);
  return masks;
}

/** Every snapshot is a key frame or a difference to the one before it of its layer, and has as many ones as it says. */
function checkChains(masks: readonly StoredSnapshot[]): void {
  const latest = new Map<string, { step: number; rows: number; mask: Uint8Array }>();
  let entries = 0;
  let decoded = 0;
  for (const snapshot of masks) {
    const { name, step, rows, columns, baseStep, nnz } = snapshot;
    const fail = (why: string, cause?: unknown) =>
      badArchive(`${paths.masks}: the mask of ${name} at step ${step} ${why}`, cause);
    const before = latest.get(name);
    const size = rows * columns;
    if (!before) entries += size;
    decoded += size;
    if (entries > mostEntries || decoded > mostDecoded) throw fail('is more than can be read');
    if (before && (before.rows !== rows || before.mask.length !== size))
      throw fail('has another shape than the one before');
    if (before && before.step >= step) throw fail(`comes after that of step ${before.step}`);
    if (baseStep !== undefined && before?.step !== baseStep)
      throw fail(`refers to step ${baseStep}, which is not the one before`);
    const mask = decode(snapshot, size, baseStep === undefined ? undefined : before?.mask, fail);
    if (countOnes(mask) !== nnz) throw fail(`has ${countOnes(mask)} ones, not ${nnz}`);
    latest.set(name, { step, rows, mask });
  }
}

function decode(
  { encoding, data }: StoredSnapshot,
  size: number,
  base: Uint8Array | undefined,
  fail: (why: string, cause: unknown) => Error,
): Uint8Array {
  try {
    return decodeMask({ encoding: encoding as 'bits' | 'gaps', data }, size, base);
  } catch (error) {
    throw fail('cannot be decoded', error);
  }
}
