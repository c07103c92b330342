import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, open, readdir, rm, rmdir, stat, statfs } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '../../shared/errors.ts';
import type { RunConfig } from '../../shared/run.ts';
import { diskFull, isDiskFull } from '../store/atomic-write.ts';
import { RunStore, type StagedRun, type StoredSnapshot, type WholeRun } from '../store/run-store.ts';
import { checkpointFile } from '../training/checkpoint.ts';
import { parseRunConfig } from '../training/config.ts';
import { hashConfig } from '../training/prepare.ts';
import { startingWeightsFile } from '../training/starting-weights.ts';
import { checkCheckpoint, type CheckpointHead } from './checkpoint-part.ts';
import {
  artifactLimit,
  configSchema,
  contentHash,
  eventsSchema,
  partLimits,
  paths,
  readManifest,
  readPart,
  runSchema,
  type ArchivedRun,
  type Manifest,
} from './manifest.ts';
import { decodeMasks } from './masks.ts';
import { decodeMetrics } from './metrics.ts';
import { badArchive } from './zip-format.ts';
import { ZipReader, type ZipEntry } from './zip-reader.ts';

export type Progress = (progress: { text: string; fraction: number | undefined }) => void;

/** A run that was unpacked and checked, in a store of its own beside the workspace's, ready to be adopted. */
export interface StagedArchive extends StagedRun {
  name: string;
  /** Identifies the content (`contentHash`). */
  content: string;
}

/** No import takes this long. */
const abandonedMs = 3_600_000;

/** Where archives are unpacked, and where files that a browser sends are kept until they are. */
export const stagingFolder = (workspace: string) => join(workspace, 'imports');

/**
 * Unpacks an archive into a folder of its own in the workspace and checks everything in it: names, sizes, hashes,
 * types, lengths, and that config, masks and checkpoints are of one network. Whatever is wrong, the folder is gone
 * again when this throws.
 * @throws UserError `bad-archive` naming the file and what is wrong with it, `newer-archive`, `disk-full`
 */
export async function stageArchive(
  path: string,
  workspace: string,
  onProgress: Progress = () => {},
): Promise<StagedArchive> {
  const reader = await ZipReader.open(path);
  let root: string | undefined;
  try {
    const { manifest, entries } = await readContents(reader);
    await requireSpace(workspace, reader.entries);
    await removeAbandoned(stagingFolder(workspace));
    await mkdir(stagingFolder(workspace), { recursive: true });
    root = await mkdtemp(join(stagingFolder(workspace), 'run-'));
    return await new Staging(reader, manifest, entries, root, onProgress).unpack();
  } catch (error) {
    if (root !== undefined) await discardStaged(root);
    throw isDiskFull(error) ? diskFull(workspace, error) : error;
  } finally {
    await reader.close();
  }
}

/** Removes what was staged, and the folder for it when it is empty. */
export async function discardStaged(root: string): Promise<void> {
  await rm(root, { recursive: true, force: true });
  await rmdir(join(root, '..')).catch(() => {});
}

/** What imports that were cut off have left; younger ones may be at work in another process. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > abandonedMs) await rm(path, { recursive: true, force: true });
  }
}

/** The manifest and the entries it lists: no more, no fewer, of the sizes it says. */
async function readContents(
  reader: ZipReader,
): Promise<{ manifest: Manifest; entries: Map<string, ZipEntry> }> {
  const entries = new Map(reader.entries.map((entry) => [entry.name, entry]));
  const listing = entries.get(paths.manifest);
  if (!listing) throw badArchive(`it has no ${paths.manifest}`);
  const manifest = readManifest(await readAll(reader, listing));
  entries.delete(paths.manifest);
  const listed = new Set<string>();
  for (const { path, bytes } of manifest.files) {
    const entry = entries.get(path);
    if (!entry || listed.has(path)) throw badArchive(`${paths.manifest} lists ${path}, which is not in it`);
    if (entry.bytes !== bytes)
      throw badArchive(`${path} has ${entry.bytes} bytes, not the ${bytes} of ${paths.manifest}`);
    listed.add(path);
  }
  for (const name of entries.keys())
    if (!listed.has(name)) throw badArchive(`${paths.manifest} does not list ${name}`);
  return { manifest, entries };
}

async function requireSpace(workspace: string, entries: readonly ZipEntry[]): Promise<void> {
  const wanted = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  const { bavail, bsize } = await statfs(workspace);
  if (wanted > bavail * bsize) throw diskFull(workspace, undefined);
}

async function readAll(reader: ZipReader, entry: ZipEntry): Promise<Buffer> {
  const limit = partLimits[entry.name] ?? artifactLimit;
  if (entry.bytes > limit)
    throw badArchive(`${entry.name} declares ${entry.bytes} bytes, at most ${limit} are read`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of reader.read(entry)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

class Staging {
  readonly #reader: ZipReader;
  readonly #manifest: Manifest;
  readonly #entries: Map<string, ZipEntry>;
  readonly #root: string;
  readonly #onProgress: Progress;
  readonly #hashes: ReadonlyMap<string, string>;
  #done = 0;

  constructor(
    reader: ZipReader,
    manifest: Manifest,
    entries: Map<string, ZipEntry>,
    root: string,
    onProgress: Progress,
  ) {
    this.#reader = reader;
    this.#manifest = manifest;
    this.#entries = entries;
    this.#root = root;
    this.#onProgress = onProgress;
    this.#hashes = new Map(manifest.files.map(({ path, sha256 }) => [path, sha256]));
  }

  async unpack(): Promise<StagedArchive> {
    const archived = readPart(paths.run, runSchema, await this.#take(paths.run));
    const { id, parentRunId, name } = archived;
    if (id !== this.#manifest.run)
      throw badArchive(`${paths.run} is of run ${id}, ${paths.manifest} of ${this.#manifest.run}`);
    const config = readConfig(await this.#take(paths.config), archived.configHash);
    const content = contentHash(this.#manifest.files);
    const masks = decodeMasks(await this.#take(paths.masks));
    const whole: WholeRun = {
      run: {
        ...{ reason: undefined, forkStep: undefined, startedMs: undefined, endedMs: undefined },
        ...archived,
        ...{ config, seed: config.training.seed, parentRunId: undefined },
        environment: { ...archived.environment, imported: { run: id, content } },
      },
      summary: archived.summary,
      events: readPart(paths.events, eventsSchema, await this.#take(paths.events)),
      series: decodeMetrics(await this.#take(paths.metrics)),
      masks,
      checkpoints: archived.checkpoints.map((one) => ({
        ...one,
        file: basename(checkpointFile('', one.step)),
      })),
    };
    const checkpoint = await this.#unpackCheckpoints(archived, config);
    requireSameNetwork(masks, archived, checkpoint);
    await this.#store(whole, archived);
    const [extra] = this.#entries.keys();
    if (extra !== undefined) throw badArchive(`${extra} belongs to no part of a run`);
    return { root: this.#root, id, parentRunId, name, content };
  }

  async #store(whole: WholeRun, { artifacts }: ArchivedRun): Promise<void> {
    const store = RunStore.open(join(this.#root, 'runs.sqlite'), { onWarning: () => {} });
    try {
      store.restoreRun(whole);
      const contents = new Map<string, Buffer>();
      for (const { sha256 } of artifacts) {
        const path = paths.artifact(sha256);
        if (contents.has(sha256)) continue;
        if (this.#hashes.get(path) !== sha256) throw badArchive(`${path} has another hash than its name`);
        contents.set(sha256, await this.#take(path));
      }
      for (const artifact of artifacts)
        await store.artifacts.put(whole.run.id, artifact, contents.get(artifact.sha256)!);
    } finally {
      store.close({ backUp: false });
    }
  }

  /** @returns the header of the newest checkpoint, if there is one */
  async #unpackCheckpoints(
    { id, configHash, checkpoints }: ArchivedRun,
    config: RunConfig,
  ): Promise<CheckpointHead | undefined> {
    const folder = join(this.#root, 'runs', id);
    await mkdir(folder, { recursive: true });
    let newest: CheckpointHead | undefined;
    for (const { step, sha256, bytes } of checkpoints) {
      const path = paths.checkpoint(step);
      if (!this.#entries.has(path)) continue;
      if (this.#hashes.get(path) !== sha256 || this.#entries.get(path)!.bytes !== bytes)
        throw badArchive(`${path} is not the file that ${paths.run} tells of`);
      const file = checkpointFile(folder, step);
      await this.#unpackFile(path, file);
      const head = await checkCheckpoint(file, path, config);
      if (head.step !== step || head.configHash !== configHash)
        throw badArchive(`${path} is of another run or step`);
      newest ??= head;
    }
    if (this.#entries.has(paths.initial)) {
      if (config.start?.sha256 !== this.#hashes.get(paths.initial)) {
        throw badArchive(`${paths.initial} is not what ${paths.config} starts from`);
      }
      const file = startingWeightsFile(folder);
      await this.#unpackFile(paths.initial, file);
      await checkCheckpoint(file, paths.initial, config);
    }
    return newest;
  }

  /** A part that fits into memory, of the hash that the manifest says. */
  async #take(path: string): Promise<Buffer> {
    const entry = this.#next(path);
    const bytes = await readAll(this.#reader, entry);
    this.#requireHash(path, createHash('sha256').update(bytes).digest('hex'));
    return bytes;
  }

  async #unpackFile(path: string, target: string): Promise<void> {
    const entry = this.#next(path);
    const digest = createHash('sha256');
    const file = await open(target, 'wx');
    try {
      for await (const chunk of this.#reader.read(entry)) {
        digest.update(chunk);
        await file.writeFile(chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    this.#requireHash(path, digest.digest('hex'));
  }

  #next(path: string): ZipEntry {
    const entry = this.#entries.get(path);
    if (!entry) throw badArchive(`it has no ${path}`);
    this.#entries.delete(path);
    this.#onProgress({ text: `checking ${path}`, fraction: this.#done++ / this.#manifest.files.length });
    return entry;
  }

  #requireHash(path: string, found: string): void {
    const wanted = this.#hashes.get(path);
    if (found !== wanted) throw badArchive(`${path} is damaged: its SHA-256 is ${found}, not ${wanted}`);
  }
}

/** The config as it was frozen; what this version cannot train it refuses by name. */
function readConfig(bytes: Buffer, hash: string): RunConfig {
  const config = readPart(paths.config, configSchema, bytes) as unknown as RunConfig;
  try {
    parseRunConfig(config);
  } catch (error) {
    throw error instanceof UserError ? badArchive(`${paths.config} · ${error.message}`, error) : error;
  }
  if (hashConfig(config) !== hash)
    throw badArchive(`${paths.config} is not the config whose SHA-256 is ${hash}`);
  return config;
}

/** Masks must fit the layers that the environment and the checkpoint tell of. */
function requireSameNetwork(
  masks: readonly StoredSnapshot[],
  { environment }: ArchivedRun,
  checkpoint: CheckpointHead | undefined,
): void {
  const known = [
    ...(environment.layers ?? []),
    ...(checkpoint?.analysis.parameters.filter(({ role }) => role === 'weight') ?? []),
  ];
  const sizes = known.map(({ name, shape }) => [name, shape[0], shape.reduce((a, b) => a * b, 1)] as const);
  for (const { name, rows, columns, step } of masks) {
    const wrong = sizes.find(
      ([layer, first, size]) => layer === name && (first !== rows || size !== rows * columns),
    );
    const unknown = checkpoint && !sizes.some(([layer]) => layer === name);
    if (wrong || unknown) throw badArchive(`the mask of ${name} at step ${step} does not fit the network`);
  }
}
