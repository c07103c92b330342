import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { environmentOf } from '../../main/app/engines.ts';
import { presets, type Preset } from '../../main/methods/presets.ts';
import type { EngineId } from '../../shared/run.ts';
import { parseRunConfig } from '../../main/training/config.ts';
import { prepare } from '../../main/training/prepare.ts';
import { Trainer } from '../../main/training/trainer.ts';
import { dataFolder, machine, markdownTable, publish, pytorch, threads } from './support.ts';

const seeds = [0, 1, 2];
/** The difference between two methods needs more: three seeds leave a standard error of a tenth of a point. */
const moreSeeds = [3, 4, 5, 6, 7];

/**
 * Every acceptance preset on full Fashion-MNIST (and MNIST), three seeds, last-epoch test accuracy, beside PyTorch's
 * wall time for dense SGD with the same epochs. `npm run bench -- acceptance rigl-0.10` runs only what matches and
 * publishes nothing; `--engine tensorflow` trains on another engine than the native kernels.
 */
export default async function acceptance(args: string[]): Promise<void> {
  const {
    values: { engine },
    positionals: filters,
  } = parseArgs({ args, options: { engine: { type: 'string', default: 'native' } }, allowPositionals: true });
  const chosen = presets.filter(
    (p) => p.expect && (filters.length === 0 || filters.some((f) => p.id.includes(f))),
  );
  const measured = new Map<string, Measured>();
  // As the processes of runs are started; all of these presets train perceptrons.
  if (chosen.length > 0) {
    const { model } = parseRunConfig(chosen[0].config);
    Object.assign(process.env, environmentOf(engine as EngineId, threads, model));
  }
  for (const preset of chosen) {
    const folder = dataFolder(preset.config.dataset.id);
    if (!folder) {
      console.log(
        `${preset.id}: no ${preset.config.dataset.id} images found; set FILIGREE_DATA to the folder that holds them`,
      );
      continue;
    }
    const runs: Record<string, number>[] = [];
    for (const seed of seeds) runs.push(await trainOnce(preset, seed, folder, engine));
    measured.set(preset.id, summarise(preset, runs));
    console.log(row(measured.get(preset.id)!).join('  '));
  }
  if (filters.length > 0) return;
  if (engine !== 'native') {
    publish(`acceptance-${engine}`, report(engine, [...measured.values()], undefined, undefined));
    return;
  }
  const fashion = dataFolder('fashion-mnist');
  const torch = fashion ? pytorchDense(fashion) : undefined;
  const gap = fashion ? await headlineGap(fashion, measured) : undefined;
  publish('acceptance', report(engine, [...measured.values()], torch, gap));
}

/** Dense SGD in PyTorch on the same task, mean over the seeds. */
function pytorchDense(folder: string): { seconds: number; accuracy: number } | undefined {
  const runs = seeds.map((seed) =>
    pytorch<{ seconds: number; accuracy: number }>('train.py', threads, folder, 20, 0.3, seed, '200,80'),
  );
  const known = runs.filter((run) => run !== undefined);
  if (known.length === 0) return undefined;
  return { seconds: mean(known.map((run) => run.seconds)), accuracy: mean(known.map((run) => run.accuracy)) };
}

/** Points by which ML-LinBreg ends below dense SGD, over eight seeds each. */
async function headlineGap(
  folder: string,
  measured: ReadonlyMap<string, Measured>,
): Promise<Gap | undefined> {
  const accuracies = async (id: string) => {
    const known = measured.get(id)!;
    const more: number[] = [];
    for (const seed of moreSeeds)
      more.push(100 * (await trainOnce(known.preset, seed, folder, 'native'))['test/accuracy']);
    return [...known.accuracies, ...more];
  };
  const [sparse, dense] = [await accuracies('ml-linbreg'), await accuracies('sgd')];
  const squaredError = (values: number[]) => deviation(values) ** 2 / (values.length - 1);
  return {
    points: mean(dense) - mean(sparse),
    standardError: Math.sqrt(squaredError(sparse) + squaredError(dense)),
  };
}

interface Gap {
  points: number;
  standardError: number;
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const deviation = (values: readonly number[]) => Math.sqrt(mean(values.map((v) => (v - mean(values)) ** 2)));

interface Measured {
  preset: Preset;
  accuracies: number[];
  accuracy: { mean: number; sd: number };
  nonzeros: { mean: number; min: number; max: number };
  flops: { mean: number; max: number };
  exactFlops: number;
  seconds: number;
  failures: string[];
}

async function trainOnce(
  preset: Preset,
  seed: number,
  data: string,
  engine: string,
): Promise<Record<string, number>> {
  const raw = structuredClone(preset.config) as Record<string, Record<string, unknown>>;
  raw.training = { ...raw.training, seed };
  raw.dataset = { ...raw.dataset, folder: data };
  raw.engine = { backend: engine, threads };
  const folder = mkdtempSync(join(tmpdir(), 'filigree-bench-'));
  try {
    const run = await prepare(parseRunConfig(raw), { dataFolder: folder, allowDownload: false });
    const outcome = await new Trainer(run, { folder, emit: () => {}, checkpointMs: Infinity }).start();
    run.network.dispose();
    if (outcome.state !== 'finished') throw new Error(`${preset.id}: ${JSON.stringify(outcome)}`);
    return outcome.summary;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function summarise(preset: Preset, runs: readonly Record<string, number>[]): Measured {
  const of = (key: string, scale = 1) => runs.map((run) => run[key] * scale);
  const accuracies = of('test/accuracy', 100);
  const average = mean(accuracies);
  const result: Measured = {
    preset,
    accuracies,
    accuracy: { mean: average, sd: deviation(accuracies) },
    nonzeros: {
      mean: mean(of('density', 100)),
      min: Math.min(...of('density', 100)),
      max: Math.max(...of('density', 100)),
    },
    flops: { mean: mean(of('flops/percentOfDense')), max: Math.max(...of('flops/percentOfDense')) },
    exactFlops: mean(of('flops/exactPercentOfDense')),
    seconds: mean(of('time/trainingMs', 0.001)),
    failures: [],
  };
  const { expect } = preset;
  const check = (ok: boolean, what: string) => ok || result.failures.push(what);
  if (expect?.accuracyMin !== undefined)
    check(average >= expect.accuracyMin, `accuracy ≥ ${expect.accuracyMin}`);
  if (expect?.nonzeroMin !== undefined)
    check(result.nonzeros.mean >= expect.nonzeroMin, `non-zeros ≥ ${expect.nonzeroMin}`);
  if (expect?.nonzeroMax !== undefined)
    check(result.nonzeros.mean <= expect.nonzeroMax, `non-zeros ≤ ${expect.nonzeroMax}`);
  if (expect?.flopsMin !== undefined)
    check(result.flops.mean >= expect.flopsMin, `FLOPs ≥ ${expect.flopsMin}`);
  if (expect?.flopsMax !== undefined)
    check(result.flops.mean <= expect.flopsMax, `FLOPs ≤ ${expect.flopsMax}`);
  return result;
}

function row(m: Measured): string[] {
  return [
    m.preset.id,
    m.preset.title,
    `${m.accuracy.mean.toFixed(2)} ± ${m.accuracy.sd.toFixed(2)}`,
    m.nonzeros.mean.toFixed(1),
    `${m.flops.mean.toFixed(1)} (${m.exactFlops.toFixed(1)})`,
    m.seconds.toFixed(1),
    m.failures.length === 0 ? 'pass' : `**${m.failures.join(', ')}**`,
  ];
}

function report(
  engine: string,
  results: readonly Measured[],
  torch: { seconds: number; accuracy: number } | undefined,
  gap: Gap | undefined,
): string {
  const header = [
    'preset',
    'method',
    'test acc. %',
    'non-zeros %',
    'FLOPs % (exact)',
    'training s',
    'acceptance',
  ];
  const find = (id: string) => results.find((m) => m.preset.id === id);
  const [dense, ml] = [find('sgd'), find('ml-linbreg')];
  const wall =
    torch && dense && ml
      ? `\n\nDense SGD in PyTorch eager, same network, epochs and batch: ${torch.seconds.toFixed(1)} s wall, ` +
        `${(100 * torch.accuracy).toFixed(2)} %. ML-LinBreg needs ${(ml.seconds / torch.seconds).toFixed(2)} of that and ends ` +
        `${(dense.accuracy.mean - ml.accuracy.mean).toFixed(2)} points below our own dense SGD, which needs ` +
        `${(dense.seconds / torch.seconds).toFixed(2)}.`
      : '';
  const eight = gap
    ? ` Over ${seeds.length + moreSeeds.length} seeds each the difference is ${gap.points.toFixed(2)} points, ` +
      `standard error ${gap.standardError.toFixed(2)}.`
    : '';
  return (
    `# Acceptance\n\n\`npm run bench -- acceptance${engine === 'native' ? '' : ` --engine ${engine}`}\` on ${machine()}. Means over seeds ${seeds.join(', ')}, last epoch, ` +
    `${threads} threads; standard deviation after ±. FLOPs are % of dense SGD over the same samples.` +
    `${wall}${eight}\n\n${markdownTable(header, results.map(row))}`
  );
}
