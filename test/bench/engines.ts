import { join } from 'node:path';
import { engineById } from '../../main/backends/registry.ts';
import type { Execution } from '../../main/backends/tensorflow/libtensorflow/ops.ts';
import type { Graph, Shape } from '../../main/models/graph.ts';
import { probeGraph } from '../../main/training/probe.ts';
import type { Choice, EngineId } from '../../shared/run.ts';
import { StepProcess } from './step-process.ts';
import {
  benchFolder,
  machine,
  markdownTable,
  median,
  publish,
  pytorchInstalled,
  threads,
} from './support.ts';

export interface Candidate {
  title: string;
  engine: EngineId;
  /** Of TensorFlow: how its programs run. */
  execution?: Execution;
}

interface BenchNetwork {
  title: string;
  model: string;
  values: Choice['values'];
  shape: Shape;
  /** Its name in `pytorch/steps.py`. */
  torch: string;
  batch: number;
  /** Of one engine's turn, and how many turns everybody has. */
  steps: number;
  rounds: number;
  /** Highest acceptable ratio of a dense step to PyTorch's, by candidate. */
  limits: Record<string, number>;
  /** XLA pays on networks without convolutions only. */
  xla: boolean;
  /** Small enough for a GPU that is imitated on the CPU. */
  small: boolean;
}

export interface Measurement {
  candidate: Candidate;
  threads: number;
  network: BenchNetwork;
}

/** What a process says of its engine when it is ready. */
export interface EngineReady {
  engine: string;
  /** A GPU that is imitated on the CPU has one turn, of one dense step: it shows that it runs. */
  imitated: boolean;
}

const sparsities = [0, 0.9, 0.95, 0.99];

const eager: Candidate = { title: 'TensorFlow, eager', engine: 'tensorflow', execution: 'eager' };
const traced: Candidate = { title: 'TensorFlow, traced', engine: 'tensorflow', execution: 'traced' };
const compiled: Candidate = { title: 'TensorFlow, traced + XLA', engine: 'tensorflow', execution: 'xla' };
const native: Candidate = { title: 'native', engine: 'native' };
const webgpu: Candidate = { title: 'WebGPU', engine: 'webgpu' };

const digits: Shape = [1, 28, 28];
const photos: Shape = [3, 32, 32];
const fast = { [eager.title]: 1.4, [traced.title]: 0.85 };
const even = { [eager.title]: 1.4, [traced.title]: 1.1 };
const networks: readonly BenchNetwork[] = [
  {
    ...{
      title: 'MLP 784-300-100-10, batch 128',
      model: 'mlp',
      values: { widths: [300, 100] },
      shape: digits,
    },
    ...{ torch: 'mlp-300-100', batch: 128, steps: 60, rounds: 25, limits: fast, xla: true, small: true },
  },
  {
    ...{ title: 'LeNet-5, batch 64', model: 'lenet5', values: {}, shape: digits },
    ...{ torch: 'lenet5', batch: 64, steps: 20, rounds: 15, limits: even, xla: false, small: true },
  },
  {
    ...{ title: 'ResNet-20, batch 64', model: 'resnet20', values: {}, shape: photos },
    ...{ torch: 'resnet20', batch: 64, steps: 4, rounds: 9, limits: fast, xla: false, small: false },
  },
  {
    ...{ title: 'ResNet-18, batch 64', model: 'resnet18', values: {}, shape: photos },
    ...{ torch: 'resnet18', batch: 64, steps: 2, rounds: 3, limits: even, xla: false, small: false },
  },
];

/**
 * Whole training steps on every engine beside PyTorch's dense step, in one run. `npm run bench -- engines lenet`
 * measures only the networks whose model matches, and publishes nothing.
 */
export default async function engines(filters: string[]): Promise<void> {
  const chosen = networks.filter(
    ({ model }) => filters.length === 0 || filters.some((f) => model.includes(f)),
  );
  const rows: string[][] = [];
  const described = new Map<string, string>();
  for (const network of chosen) {
    for (const row of await measure(network, described)) {
      rows.push(row);
      console.log(row.join('  '));
    }
  }
  if (filters.length > 0) return;
  const list = [...described].map(([title, engine]) => `- ${title}: ${engine}`).join('\n');
  publish(
    'engines',
    `# Engines\n\n\`npm run bench -- engines\` on ${machine()}; PyTorch dense eager, ${threads} threads everywhere. ` +
      `Forward, backward and SGD update, milliseconds per step. The engines take turns of a fraction of a second; the ` +
      `ratio is the median, over ${chosen.map(({ rounds }) => rounds).join(', ')} turns on the four networks, of an ` +
      `engine's time to PyTorch's in the same turn, with quartiles.\n\n${list}` +
      `${[...missing].map(([what, why]) => `\n- ${what}: not measured, ${why}`).join('')}\n\n` +
      markdownTable(
        ['network', 'engine', 'sparsity', 'ms', 'PyTorch dense', 'ratio', 'quartiles', 'target'],
        rows,
      ),
  );
}

/** One network on every engine, at every sparsity. */
async function measure(network: BenchNetwork, described: Map<string, string>): Promise<string[][]> {
  const candidates = [native, eager, traced, ...(network.xla ? [compiled] : []), webgpu];
  const started = new Map<Candidate, StepProcess<EngineReady>>();
  const torch = await startPytorch(network);
  try {
    for (const candidate of candidates) {
      const running = await start({ candidate, threads, network });
      if (!running) continue;
      started.set(candidate, running);
      described.set(candidate.title, running.ready.engine);
    }
    const rows = new Map<Candidate, string[][]>();
    for (const sparsity of sparsities) {
      for (const running of started.values()) {
        if (sparsity > 0 && !running.ready.imitated) await running.ask(`sparsity ${sparsity}`);
      }
      const times = new Map<Candidate, number[]>([...started.keys()].map((candidate) => [candidate, []]));
      const reference: number[] = [];
      for (let round = 0; round < network.rounds; round++) {
        if (torch) reference.push(await torch.stepMs(network.steps));
        for (const [candidate, running] of started) {
          if (running.ready.imitated && (sparsity > 0 || round > 0)) continue;
          times.get(candidate)!.push(await running.stepMs(network.steps));
        }
      }
      for (const [candidate, own] of times) {
        if (own.length === 0) continue;
        const limit = sparsity === 0 ? network.limits[candidate.title] : undefined;
        const row = [network.title, candidate.title, `${100 * sparsity} %`, ...paired(own, reference, limit)];
        rows.set(candidate, [...(rows.get(candidate) ?? []), row]);
      }
    }
    return [...rows.values()].flat();
  } finally {
    torch?.stop();
    for (const running of started.values()) running.stop();
  }
}

/** The cells of one measurement: the ratio is taken turn by turn. */
function paired(own: readonly number[], reference: readonly number[], limit: number | undefined): string[] {
  const ms = median(own).toFixed(3);
  if (reference.length === 0) return [ms, '–', '–', '–', ''];
  const ratios = own.map((value, round) => value / reference[round]).sort((a, b) => a - b);
  const ratio = median(ratios);
  const quartile = (share: number) => ratios[Math.round(share * (ratios.length - 1))].toFixed(2);
  const verdict = limit === undefined ? '' : `${ratio <= limit ? 'met' : '**missed**'} (≤ ${limit})`;
  return [
    ms,
    median(reference).toFixed(3),
    ratio.toFixed(3),
    `${quartile(0.25)} – ${quartile(0.75)}`,
    verdict,
  ];
}

export function graphOf({ model, values, shape }: BenchNetwork): Graph {
  return probeGraph({ id: model, values }, shape, 10);
}

/** What cannot be measured on this machine, and why. */
const missing = new Map<string, string>();

/** Undefined, said aloud, where PyTorch is not installed. */
async function startPytorch({ torch, batch }: BenchNetwork): Promise<StepProcess<unknown> | undefined> {
  if (!pytorchInstalled()) return undefined;
  const script = join(benchFolder, 'pytorch', 'steps.py');
  return StepProcess.start('python3', [script, String(threads), 'serve', `${torch}:${batch}`]);
}

/** An engine with its network in a process of its own; undefined, said aloud once, where the engine cannot run. */
async function start(measurement: Measurement): Promise<StepProcess<EngineReady> | undefined> {
  const { candidate, network } = measurement;
  const what = `${candidate.title} on ${network.title}`;
  try {
    // As the processes of runs are started, but for XLA, whose programs have threads of their own.
    const graph = candidate.execution === 'xla' ? undefined : graphOf(network);
    return await StepProcess.start(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        join(benchFolder, 'engine-steps.ts'),
        JSON.stringify(measurement),
      ],
      engineById(candidate.engine).environment?.(threads, graph),
    );
  } catch (error) {
    // The line of the error itself, not of the source that threw it.
    const why = /^\S.*cannot run here: (.*)/m.exec((error as Error).message)?.[1];
    if (!why) throw error;
    console.log(`${what}: ${why}`);
    missing.set(what, why);
    return undefined;
  }
}
