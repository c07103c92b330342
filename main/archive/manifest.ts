import { createHash } from 'node:crypto';
import { z } from 'zod';
import { UserError } from '../../shared/errors.ts';
import { decodeSafetensors } from '../../shared/safetensors.ts';
import { badArchive } from './zip-format.ts';

export const archiveExtension = '.filigree';
export const format = 'filigree-run';
export const version = 1;

/** Where the parts of a run are in its archive. */
export const paths = {
  manifest: 'manifest.json',
  run: 'run.json',
  config: 'config.json',
  events: 'events.json',
  metrics: 'metrics.safetensors',
  masks: 'masks.safetensors',
  initial: 'initial.safetensors',
  checkpoint: (step: number) => `checkpoints/checkpoint-${String(step).padStart(9, '0')}.safetensors`,
  artifact: (sha256: string) => `artifacts/${sha256}`,
} as const;

const mebibyte = 1 << 20;

/** Largest size of what is held in memory at once; checkpoints are streamed and have none. */
export const partLimits: Readonly<Record<string, number>> = {
  [paths.manifest]: 2 * mebibyte,
  [paths.run]: 8 * mebibyte,
  [paths.config]: mebibyte,
  [paths.events]: 32 * mebibyte,
  [paths.metrics]: 512 * mebibyte,
  [paths.masks]: 512 * mebibyte,
};
export const artifactLimit = 64 * mebibyte;

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const step = z.number().int().min(0).max(0xffff_ffff);
const timeMs = z.number().min(0).max(8.64e15);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in hexadecimal');
const runId = z.string().regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/, 'not a run id');
const line = z.string().min(1).max(200);

const manifestSchema = z.strictObject({
  format: z.literal(format),
  version: z.literal(version),
  /** The program that wrote it. */
  producer: line,
  run: runId,
  /** Every other file. */
  files: z.array(z.strictObject({ path: line, bytes: count, sha256 })),
});
export type Manifest = z.infer<typeof manifestSchema>;

const layer = z.object({ name: line, shape: z.array(count.min(1)).min(1).max(8), macs: count });

/** What the workbench reads of a run's environment has the right type; anything else is kept as it is. */
const environment = z.looseObject({
  version: z.string(),
  engine: z.string(),
  threads: count,
  datasetSha256: z.string(),
  datasetOrigin: z.string(),
  totalSteps: count,
  stepsPerEpoch: count,
  batchSize: count,
  layers: z.array(layer),
});

/** JSON has no NaN: texts stand for what is not finite. */
const value = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]).transform(Number);
const summary = z.strictObject({
  values: z.record(z.string().max(200), value),
  layers: z.array(
    z.strictObject({
      ...layer.shape,
      ...{ nnz: count, size: count, density: z.number().min(0).max(1), deadRows: count, deadColumns: count },
      execution: z.enum(['sparse', 'dense']),
    }),
  ),
});

export const runSchema = z.strictObject({
  id: runId,
  name: z.string().max(10_000),
  project: line,
  state: z.enum(['finished', 'failed', 'stopped', 'lost']),
  reason: z.string().max(100_000).optional(),
  parentRunId: runId.optional(),
  forkStep: step.optional(),
  configHash: sha256,
  environment: environment.partial(),
  summary: summary.optional(),
  notes: z.string().max(100_000),
  starred: z.boolean(),
  tags: z.array(z.string().min(1).max(60)).max(50),
  createdMs: timeMs,
  startedMs: timeMs.optional(),
  endedMs: timeMs.optional(),
  /** Newest first; the files of older ones need not be there. */
  checkpoints: z.array(z.strictObject({ step, bytes: count, sha256 })),
  artifacts: z.array(z.strictObject({ role: line, name: line, step: step.optional(), media: line, sha256 })),
});
export type ArchivedRun = z.infer<typeof runSchema>;

const settings = z.record(z.string(), z.unknown());
const choice = z.strictObject({ id: line, values: settings });
/** The frame of a stored config; `parseRunConfig` checks the settings. */
export const configSchema = z.strictObject({
  version: z.literal(1),
  name: z.string(),
  ...{ model: choice, dataset: choice, method: choice },
  training: settings.and(z.object({ seed: count })),
  ...{ schedule: settings, augmentation: settings, engine: settings },
  start: z.unknown().optional(),
});

export const eventsSchema = z.array(
  z.strictObject({
    ...{ timeMs, step },
    level: z.enum(['info', 'warning', 'error']),
    kind: line,
    text: z.string().max(100_000),
  }),
);

/** @throws UserError `bad-archive` naming the file and the field, `newer-archive` */
export function readManifest(bytes: Uint8Array): Manifest {
  const json = parseJson(paths.manifest, bytes);
  const { format: found, version: its } = json as Record<string, unknown>;
  if (found !== format) throw badArchive(`${paths.manifest} does not say that it is the archive of a run`);
  if (typeof its === 'number' && its > version) {
    throw new UserError(
      'newer-archive',
      `the archive has version ${its}, this Filigree reads up to ${version}: update Filigree. Nothing was imported`,
      'path',
    );
  }
  return checked(paths.manifest, manifestSchema, json);
}

/** @throws UserError `bad-archive` naming the file and the field */
export function readPart<S extends z.ZodType>(path: string, schema: S, bytes: Uint8Array): z.output<S> {
  return checked(path, schema, parseJson(path, bytes));
}

function checked<S extends z.ZodType>(path: string, schema: S, json: unknown): z.output<S> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badArchive(`${[path, ...issue.path].join(' · ')}: ${issue.message}`);
}

/** @throws UserError `bad-archive` naming the file */
export function readTensors(path: string, bytes: Uint8Array): ReturnType<typeof decodeSafetensors> {
  try {
    return decodeSafetensors(bytes);
  } catch (error) {
    throw badArchive(`${path}: ${(error as Error).message}`, error);
  }
}

/** An object or a list. */
export function parseJson(path: string, bytes: Uint8Array): object {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw badArchive(`${path} is not JSON (${(error as Error).message})`, error);
  }
  if (typeof json !== 'object' || json === null) throw badArchive(`${path} is not an object`);
  return json;
}

/** Keys in alphabetical order, so that the same content gives the same bytes wherever it has been. */
export const jsonFile = (value: unknown): Uint8Array =>
  Buffer.from(`${JSON.stringify(value, (_key, part: unknown) => sorted(part), 2)}\n`);

const sorted = (part: unknown): unknown =>
  typeof part === 'object' && part !== null && !Array.isArray(part)
    ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
    : part;

/** Identifies what is in an archive, however it is compressed. */
export function contentHash(files: readonly Manifest['files'][number][]): string {
  const lines = files.map(({ path, sha256 }) => `${sha256}  ${path}\n`).sort();
  return createHash('sha256').update(lines.join('')).digest('hex');
}
