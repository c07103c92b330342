import { z } from 'zod';
import type { Catalog } from './catalog.ts';
import type { Curves } from './curves.ts';
import type { DatasetInfo, DatasetPreview } from './dataset-info.ts';
import type { EngineInfo, EngineTimes, StepTime } from './engine-info.ts';
import type { ExportPreview, ExportResult } from './export-result.ts';
import type { CheckpointFrame, EventFrame, ScalarFrame, StateFrame } from './frames.ts';
import type { InferenceReport } from './inference-report.ts';
import type { MaskCatalog, PackedMask } from './masks.ts';
import { engineIds } from './run.ts';
import { uploadLimits, type ImportResult, type RunFile } from './run-archive.ts';
import type { RunPreview } from './run-preview.ts';
import type { HonestNumbers, Queue, RunDetail, RunRow } from './run-view.ts';
import { settingsSchema, type Settings } from './settings.ts';
import type { CleanUpKind, StorageUsage } from './storage-usage.ts';
import type { Task } from './task.ts';
import type { UpdateState } from './updates.ts';
import type { WorkbenchInfo } from './workbench-info.ts';

/**
 * Every call and event between a window and the host: the only description of what passes between them. Inputs are
 * zod schemas, so the dispatcher validates exactly what the window's types promise; outputs are types. Typed arrays
 * travel as they are (structured clone in Electron, binary frames on the WebSocket).
 */
const returns =
  <Output>() =>
  <Input extends z.ZodType>(input: Input) =>
    ({ input }) as { input: Input; output: Output };

const nothing = z.strictObject({});
/** A ULID. */
const runId = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'a run id of 26 letters and digits');
const run = z.strictObject({ id: runId });
const someRuns = z.strictObject({ ids: z.array(runId).min(1).max(10_000) });
const name = z.string().min(1).max(200);
const step = z.number().int().min(0).max(0xffffffff);
const finite = z.number();
/** A run config as a person writes it; `parseRunConfig` checks it and names the field that is wrong. */
const rawConfig = z.record(z.string(), z.unknown());
const engineId = z.enum(engineIds);
/** A registry choice: `{ id, values }`. */
const choice = z.strictObject({ id: name, values: z.record(z.string(), z.unknown()).default({}) });
const split = z.enum(['train', 'test']);
/** A file of a run to be written; without a path into the workspace's export folder. */
const runFile = z.strictObject({
  runId,
  path: z.string().min(1).max(4000).optional(),
  overwrite: z.boolean().default(false),
});

export const xKinds = ['step', 'epoch', 'wall', 'flops'] as const;

export const calls = {
  // What runs here and what can be chosen; neither changes while the host lives, except engines.
  'workbench.describe': returns<WorkbenchInfo>()(nothing),
  'catalog.describe': returns<Catalog>()(nothing),
  'engines.list': returns<EngineInfo[]>()(nothing),
  /** Measures a network, with the settings that its registry entry starts with, on an engine, dense and sparse. */
  'engines.measure': returns<EngineTimes>()(
    z.strictObject({
      backend: engineId,
      threads: z.number().int().min(0).max(256),
      model: name,
      /** Gives input shape and classes. */
      dataset: name,
      batchSize: z.number().int().min(1).max(16_384),
      density: z.number().gt(0).max(1),
    }),
  ),
  /** Starts a task; `task.changed` tells how it goes. */
  'engines.install': returns<{ taskId: string }>()(z.strictObject({ id: engineId })),
  'engines.remove': returns<void>()(z.strictObject({ id: engineId })),

  // The form: consequences of a config that is being typed.
  'form.preview': returns<RunPreview>()(
    z.strictObject({
      config: rawConfig,
      /** The run it is to start from, and at which of its checkpoints. */
      parentRunId: runId.optional(),
      fromStep: step.optional(),
    }),
  ),
  /**
   * Step times of this config on this machine, sparse and dense: a probe of about two seconds per engine, cached. A
   * config that leaves the engine open is timed on every one that it might get.
   */
  'form.measure': returns<{
    /** On the engine that the run would get. */
    run: StepTime;
    dense: StepTime;
    stepsPerEpoch: number;
    /** Every engine that was timed, the fastest first. */
    engines: EngineTimes[];
  }>()(z.strictObject({ config: rawConfig })),

  // Runs.
  'runs.list': returns<RunRow[]>()(nothing),
  'runs.get': returns<RunDetail>()(run),
  /** Stores a run and puts it at the end of the queue. */
  'runs.create': returns<{ id: string }>()(
    z.strictObject({
      config: rawConfig,
      /** The run it was cloned from. */
      parentRunId: runId.optional(),
      /** Starts with the weights of the parent's checkpoint at this step instead of fresh ones. */
      fromStep: step.optional(),
    }),
  ),
  /** Queues a standing baseline of a run: a random mask of equal density, or dense training for equal FLOPs. */
  'runs.createBaseline': returns<{ id: string }>()(
    z.strictObject({ id: runId, kind: z.enum(['random-mask', 'dense-equal-flops']) }),
  ),
  'runs.pause': returns<void>()(run),
  'runs.continue': returns<void>()(run),
  'runs.stop': returns<void>()(run),
  'runs.kill': returns<void>()(run),
  'runs.checkpoint': returns<void>()(run),
  /** Queues a stopped, failed or lost run again; it goes on from its newest checkpoint. */
  'runs.resume': returns<void>()(run),
  'runs.rename': returns<void>()(z.strictObject({ id: runId, name })),
  'runs.setNotes': returns<void>()(z.strictObject({ id: runId, notes: z.string().max(100_000) })),
  'runs.setTags': returns<void>()(
    z.strictObject({ id: runId, tags: z.array(z.string().min(1).max(60)).max(50) }),
  ),
  'runs.setStarred': returns<void>()(someRuns.extend({ starred: z.boolean() })),
  'runs.setArchived': returns<void>()(someRuns.extend({ archived: z.boolean() })),
  /** Moves runs to the trash; `runs.restore` is the undo, `storage.cleanUp` empties it. */
  'runs.delete': returns<void>()(someRuns),
  'runs.restore': returns<void>()(someRuns),
  'runs.honestNumbers': returns<HonestNumbers>()(run),

  // Queue: order of waiting runs, and how many train at once.
  'queue.get': returns<Queue>()(nothing),
  /** All waiting runs, in the wanted order. */
  'queue.reorder': returns<void>()(z.strictObject({ ids: z.array(runId).max(10_000) })),
  /** Takes a waiting run out of the queue; it becomes `stopped` and can be resumed. */
  'queue.remove': returns<void>()(run),

  // Curves and live frames.
  'curves.read': returns<Curves>()(
    z.strictObject({
      series: z.array(z.strictObject({ runId, key: name })).max(400),
      x: z.enum(xKinds),
      /** Range in units of x; left out: everything. */
      from: finite.optional(),
      to: finite.optional(),
      buckets: z.number().int().min(3).max(4000),
      /** Weight of an exponential moving average over all points, 0 (off) to below 1. */
      smoothing: z.number().min(0).max(0.9999).default(0),
    }),
  ),
  /** Full resolution as CSV text: step, epoch, wall seconds, FLOPs, value. */
  'curves.csv': returns<{ text: string }>()(z.strictObject({ runId, keys: z.array(name).min(1).max(100) })),
  /** Which runs' frames this window wants as `run.frame` events; replaces the previous list. */
  'live.watch': returns<void>()(z.strictObject({ ids: z.array(runId).max(100) })),

  // Masks.
  'masks.list': returns<MaskCatalog>()(run),
  /** Masks of one layer at several snapshots, eight entries per byte. */
  'masks.read': returns<PackedMask[]>()(
    z.strictObject({ id: runId, layer: name, steps: z.array(step).min(1).max(128) }),
  ),
  /** Weights of a layer in the newest checkpoint, row-major as its mask. */
  'masks.values': returns<{ step: number; values: Float32Array }>()(
    z.strictObject({ id: runId, layer: name }),
  ),
  /** Compressed sparse rows of a layer's mask at a snapshot as a SciPy .npz file. */
  'masks.npz': returns<{ file: string; bytes: Uint8Array }>()(
    z.strictObject({ id: runId, layer: name, step }),
  ),

  // Data sets.
  'datasets.list': returns<DatasetInfo[]>()(nothing),
  'datasets.preview': returns<DatasetPreview>()(
    z.strictObject({
      dataset: choice,
      split,
      offset: z.number().int().min(0).max(100_000_000).default(0),
      count: z.number().int().min(1).max(500).default(60),
      /** Only samples of this class. */
      label: z.number().int().min(0).max(100_000).optional(),
    }),
  ),
  /** Starts a task; `task.changed` tells how it goes. */
  'datasets.download': returns<{ taskId: string }>()(z.strictObject({ id: name })),
  /** Remembers a data set of one's own (image folder, CSV) under a name, after loading it once. */
  'datasets.import': returns<DatasetPreview>()(z.strictObject({ name, dataset: choice })),
  'datasets.forget': returns<void>()(z.strictObject({ name })),
  /** What goes on now, for a window that opened after it began. */
  'tasks.list': returns<{
    /** Those that run. */
    tasks: Task[];
    /** What starting runs are doing. */
    starting: Events['run.progress'][];
  }>()(nothing),
  'tasks.cancel': returns<void>()(z.strictObject({ id: name })),

  // Export.
  /** What transforms would make of a run's network: how much smaller it gets. */
  'exports.preview': returns<ExportPreview>()(z.strictObject({ runId, transforms: z.array(name).max(10) })),
  'exports.create': returns<ExportResult>()(
    z.strictObject({
      runId,
      format: name,
      /** What the network goes through before it is written: `fold-batch-norm`. */
      transforms: z.array(name).max(10).default([]),
      /** Where to; left out: the workspace's export folder. */
      path: z.string().min(1).max(4000).optional(),
      overwrite: z.boolean().default(false),
    }),
  ),

  /** One self-contained HTML file about a run, to be shown to others. */
  'reports.create': returns<RunFile>()(runFile),

  // Archives: everything that is stored of a run in one file, for another workspace.
  'archives.create': returns<RunFile>()(runFile),
  /** Checks an archive and adds its run: a file of the host, or one that this window has sent. */
  'archives.import': returns<ImportResult>()(
    z.union([
      z.strictObject({ path: z.string().min(1).max(4000) }),
      z.strictObject({ upload: z.string().max(100) }),
    ]),
  ),
  /** Begins to send a file in pieces; one that is not gone on with for a minute is forgotten. */
  'archives.beginUpload': returns<{ upload: string }>()(
    z.strictObject({ bytes: z.number().int().min(1).max(uploadLimits.bytes) }),
  ),
  'archives.upload': returns<void>()(
    z.strictObject({
      upload: z.string().max(100),
      offset: z.number().int().min(0).max(uploadLimits.bytes),
      data: z
        .instanceof(Uint8Array)
        .refine(
          ({ length }) => length >= 1 && length <= uploadLimits.chunkBytes,
          'a piece has 1 to 524288 bytes',
        ),
    }),
  ),

  // Inference: speed and size of a trained network on this machine.
  /** What was measured last for this run, if anything was. */
  'inference.read': returns<{ report: InferenceReport | undefined }>()(run),
  /** Measures it, about half a minute; refused while something trains. */
  'inference.measure': returns<{ report: InferenceReport }>()(run),

  // Settings, storage, files of the host.
  'settings.get': returns<Settings>()(nothing),
  'settings.change': returns<Settings>()(settingsSchema.partial()),
  'updates.get': returns<UpdateState>()(nothing),
  'updates.check': returns<UpdateState>()(nothing),
  /** Fetches the version that a check found; it is installed when the application quits. */
  'updates.download': returns<UpdateState>()(nothing),
  'storage.usage': returns<StorageUsage>()(nothing),
  /** @returns what was freed; with `dryRun` what would be */
  'storage.cleanUp': returns<{ bytes: number; items: string[] }>()(
    z.strictObject({
      kinds: z
        .array(z.enum(['trash', 'checkpoints', 'exports', 'downloads', 'backups'] satisfies CleanUpKind[]))
        .min(1),
      dryRun: z.boolean(),
    }),
  ),
  /** Folders and files on the host, for choosing data to import in a browser. */
  'files.list': returns<{
    path: string;
    parent: string | undefined;
    entries: { name: string; isFolder: boolean; bytes: number }[];
  }>()(z.strictObject({ path: z.string().max(4000).optional() })),
  /** The system's own folder dialog (desktop only; `unavailable` elsewhere). */
  'shell.chooseFolder': returns<{ path: string | undefined }>()(nothing),
  /** Shows a file or folder of the host in the system's file manager (desktop only). */
  'shell.reveal': returns<void>()(z.strictObject({ path: z.string().min(1).max(4000) })),
};

export type Calls = typeof calls;
export type CallName = keyof Calls;
/** What a caller passes; defaults may be left out. */
export type Input<N extends CallName> = z.input<Calls[N]['input']>;
/** What a handler gets: validated, defaults filled in. */
export type Parsed<N extends CallName> = z.output<Calls[N]['input']>;
export type Output<N extends CallName> = Calls[N]['output'];
export type XKind = (typeof xKinds)[number];

/** What the host tells every window unasked; `run.frame` only for watched runs. */
export interface Events {
  /** New and changed rows, at most once a second per live run, and ids that are gone (trash). */
  'runs.changed': { rows: RunRow[]; removed: string[] };
  'run.frame': { runId: string; frame: LiveFrame };
  /** What a starting run is doing before its first step; ends with `text: ''`. */
  'run.progress': { runId: string; text: string; fraction: number | undefined };
  /** The stored history was cut back (a resume): windows forget their points from `step` on. */
  'run.truncated': { runId: string; step: number };
  'queue.changed': Queue;
  'settings.changed': Settings;
  'updates.changed': UpdateState;
  'task.changed': Task;
  notice: { level: 'info' | 'warning' | 'error'; text: string };
  /** A menu item of the desktop shell was chosen: an id of `shared/commands.ts`. */
  command: { id: string };
  /** A link or a file was opened with the application: a path of the window's router to go to. */
  navigate: { path: string };
}

export type EventName = keyof Events;

/** Frames as windows get them: masks are announced, not sent. */
export type LiveFrame =
  | ScalarFrame
  | EventFrame
  | StateFrame
  | CheckpointFrame
  | { type: 'topology'; step: number; layers: { name: string; nnz: number }[] };

/** Errors are data: they name what is wrong and never carry a stack. */
export interface CallError {
  code: string;
  message: string;
  field?: string;
}

export type Answer<N extends CallName> = { ok: true; value: Output<N> } | { ok: false; error: CallError };
