import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { percent } from '../../shared/amounts.ts';
import { environmentRows } from '../../shared/environment.ts';
import { UserError } from '../../shared/errors.ts';
import type { HonestNumbers } from '../../shared/run-view.ts';
import { trainCommand } from '../../shared/train-command.ts';
import { datasetById } from '../datasets/registry.ts';
import { methodById } from '../methods/registry.ts';
import { modelById } from '../models/registry.ts';
import type { Chart, Line } from '../report/chart.ts';
import { renderReport, type ComparedRun, type MaskAt, type RunReport } from '../report/report.ts';
import { writeFileAtomic } from '../store/atomic-write.ts';
import type { RunStore, StoredRun } from '../store/run-store.ts';
import { parseRunConfig } from '../training/config.ts';
import { hashConfig } from '../training/prepare.ts';
import { createBaseline, type BaselineKind } from './baselines.ts';
import { configGroups, shortConfig } from './config-fields.ts';
import { readCurves } from './curves.ts';
import { readInference } from './inference-result.ts';
import { MaskReader } from './masks.ts';
import { version } from './provenance.ts';
import { withStore, type RunOf } from './run-archive.ts';
import type { Workspace } from './workspace.ts';

/** Writes a run's report. @param honest computed by the host, which alone may measure */
export async function writeReport({
  workspace: root,
  id,
  path,
  honest,
}: RunOf & { path: string; honest: HonestNumbers | undefined }): Promise<void> {
  const text = await withStore(root, async (store, workspace) =>
    renderReport(await describeReport(store, workspace, id, honest)),
  );
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomic(path, Buffer.from(text));
}

/** Collects what a report shows of a run. @throws UserError `unknown-run` */
export async function describeReport(
  store: RunStore,
  workspace: Workspace,
  id: string,
  honest: HonestNumbers | undefined,
): Promise<RunReport> {
  const run = store.getRun(id);
  const { config, environment } = run;
  const method = methodById(config.method.id);
  const described = { ...environment };
  // Shown with their masks.
  delete described.layers;
  delete described.imported;
  const own = compared('this run', store, run);
  const summary = store.readSummary(id);
  return {
    ...{ name: run.name, id, state: run.state, reason: run.reason, tags: run.tags, notes: run.notes },
    subject: {
      method: method.title,
      model: modelById(config.model.id).title,
      dataset: datasetById(config.dataset.id).title,
      paper: method.paper && `${method.paper.title} (${method.paper.reference})`,
    },
    finishedMs: run.endedMs,
    trainingMs: summary?.values['time/trainingMs'],
    ...{ accuracy: own.accuracy, density: own.density, honest },
    compared: [own, ...baselinesOf(store, id)],
    charts: readCharts(store, run),
    masks: readMasks(store, workspace, id),
    layers: summary?.layers ?? [],
    config: configGroups(config).map(({ group, id: entry, fields, values }) => ({
      group: entry === undefined ? group : `${group}: ${entry}`,
      settings: Object.entries(values).map(
        ([key, value]) => [fields[key]?.label ?? key, String(value)] as const,
      ),
    })),
    environment: [
      ['Run', id],
      ['Seed', String(run.seed)],
      ['Config SHA-256', run.configHash],
      ...environmentRows(described),
    ],
    events: store.readEvents(id).filter(({ level }) => level !== 'info'),
    inference: await readInference(store, id),
    command: trainCommand(shortConfig(config)),
    remarks: remarks(run),
    producer: `Filigree ${version}`,
    writtenMs: Date.now(),
  };
}

function remarks({ config: { start }, environment }: StoredRun): string[] {
  const { version: written, commit, dirty } = environment;
  return [
    `Trained with Filigree ${String(written)}${commit ? `, commit ${String(commit)}` : ''}${dirty ? ' with uncommitted changes' : ''}.`,
    ...(start
      ? [
          `It begins with the weights of run ${start.run} after ${start.step} steps (SHA-256 ${start.sha256}), which the command does not bring along: the archive of this run does.`,
        ]
      : []),
  ];
}

function compared(what: string, store: RunStore, { id, name, state }: StoredRun): ComparedRun {
  const values: Record<string, number | undefined> = {
    ...store.latestMetrics(id),
    ...store.readSummary(id)?.values,
  };
  return {
    ...{ what, name, state },
    accuracy: values['test/accuracy'],
    density: values.density,
    flopsPercent: values['flops/percentOfDense'],
    stepMs: values['time/stepMs'],
  };
}

const baselines: readonly (readonly [BaselineKind, string])[] = [
  ['random-mask', 'random mask, equal density'],
  ['dense-equal-flops', 'dense, equal FLOPs'],
];

/** The newest run of each standing baseline that was started from this run. */
function baselinesOf(store: RunStore, id: string): ComparedRun[] {
  const children = store.childrenOf(id).map((child) => store.getRun(child));
  return baselines.flatMap(([kind, what]) => {
    const hash = baselineHash(store, id, kind);
    const found = children.findLast(({ configHash }) => configHash === hash);
    return found ? [compared(what, store, found)] : [];
  });
}

/** Undefined where the run has no such baseline. */
function baselineHash(store: RunStore, id: string, kind: BaselineKind): string | undefined {
  try {
    return hashConfig(parseRunConfig(createBaseline(store, id, kind)));
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

const buckets = 400;
const smoothing = 0.9;

function readCharts(store: RunStore, { id, environment }: StoredRun): Chart[] {
  const x = Number(environment.stepsPerEpoch) > 0 ? 'epoch' : 'step';
  const chart = (
    title: string,
    series: readonly (readonly [string, string])[],
    format: Chart['format'],
  ): Chart => ({
    ...{ title, format, xLabel: x },
    lines: readCurves(store, {
      ...{ x, buckets, smoothing },
      series: series.map(([key]) => ({ runId: id, key })),
    }).series.flatMap((curve, i): Line[] => {
      const raw = { label: series[i][1], x: curve.x, y: curve.last };
      // Training is measured on one batch at a time, and only that is noisy.
      const isNoisy = curve.key.startsWith('train/');
      return isNoisy
        ? [
            { ...raw, faint: true },
            { ...raw, y: curve.smooth },
          ]
        : [raw];
    }),
  });
  const share = (value: number) => percent(value, Math.abs(value) < 0.1 ? 1 : 0);
  const charts = [
    chart(
      'Loss',
      [
        ['train/loss', 'training'],
        ['test/loss', 'test'],
      ],
      (value) => value.toLocaleString('en-US'),
    ),
    chart(
      'Accuracy',
      [
        ['train/accuracy', 'training'],
        ['test/accuracy', 'test'],
      ],
      share,
    ),
    chart('Density', [['density', 'all layers']], share),
    chart(
      'FLOPs, % of dense',
      [
        ['flops/percentOfDense', 'training'],
        ['flops/inferencePercent', 'inference'],
      ],
      (value) => value.toLocaleString('en-US'),
    ),
  ];
  return charts.filter(({ lines }) => lines.some((line) => line.x.length > 1));
}

/** At the start, in the middle and at the end of what was recorded. */
function readMasks(store: RunStore, workspace: Workspace, id: string): RunReport['masks'] {
  const reader = new MaskReader(store, workspace);
  const { layers, steps: all } = reader.list(id);
  const steps = [...new Set([all[0], all[all.length >> 1], all[all.length - 1]])].filter(
    (step) => step !== undefined,
  );
  return {
    steps,
    layers: layers.map(({ name, shape, steps: own }) => ({
      ...{ name, shape },
      masks: steps.map((step): MaskAt => {
        const { bits, rows, columns, nnz } = reader.read(id, name, Math.max(step, own[0]));
        const mask = Uint8Array.from({ length: rows * columns }, (_, i) => (bits[i >> 3] >> (i & 7)) & 1);
        return { step, rows, columns, nnz, mask };
      }),
    })),
  };
}
