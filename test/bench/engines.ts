import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { engineById } from '../../main/backends/registry.ts';
import type { Execution } from '../../main/backends/tensorflow/libtensorflow/ops.ts';
import type { Shape } from '../../main/models/graph.ts';
import type { EngineDevice } from '../../shared/engine-info.ts';
import type { EngineId } from '../../shared/run.ts';
import {
  benchFolder,
  comparison,
  machine,
  markdownTable,
  median,
  publish,
  pytorch,
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
  values: Record<string, unknown>;
  shape: Shape;
  /** Its name in `pytorch/steps.py`. */
  torch: string;
  batch: number;
  steps: number;
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
  sparsities: readonly number[];
}

export interface EngineSteps {
  engine: string;
  device: EngineDevice;
  /** Median milliseconds per step, by sparsity. */
  ms: Record<string, number>;
}

const sparsities = [0, 0.9, 0.95, 0.99];
const rounds = 3;

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
    ...{ torch: 'mlp-300-100', batch: 128, steps: 400, limits: fast, xla: true, small: true },
  },
  {
    ...{ title: 'LeNet-5, batch 64', model: 'lenet5', values: {}, shape: digits },
    ...{ torch: 'lenet5', batch: 64, steps: 150, limits: even, xla: false, small: true },
  },
  {
    ...{ title: 'ResNet-20, batch 64', model: 'resnet20', values: {}, shape: photos },
    ...{ torch: 'resnet20', batch: 64, steps: 12, limits: fast, xla: false, small: false },
  },
  {
    ...{ title: 'ResNet-18, batch 64', model: 'resnet18', values: {}, shape: photos },
    ...{ torch: 'resnet18', batch: 64, steps: 3, limits: even, xla: false, small: false },
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
    const candidates = [native, eager, traced, ...(network.xla ? [compiled] : []), webgpu];
    const times = new Map<string, number[]>();
    const torch: number[] = [];
    // Rounds are interleaved, so that a noisy neighbour hits every engine.
    for (let round = 0; round < rounds; round++) {
      const spec = `${network.torch}:${network.batch}`;
      const reference = pytorch<{ ms: Record<string, number> }>('steps.py', threads, network.steps, spec);
      if (reference) torch.push(reference.ms[spec]);
      for (const candidate of candidates) {
        const measured = steps({ candidate, threads, network, sparsities });
        if (!measured) continue;
        described.set(candidate.title, measured.engine);
        for (const [sparsity, ms] of Object.entries(measured.ms)) {
          const key = `${candidate.title} ${sparsity}`;
          times.set(key, [...(times.get(key) ?? []), ms]);
        }
      }
    }
    const reference = torch.length > 0 ? median(torch) : undefined;
    for (const { title } of candidates) {
      for (const sparsity of sparsities) {
        const known = times.get(`${title} ${sparsity}`);
        if (!known) continue;
        const limit = sparsity === 0 ? network.limits[title] : undefined;
        const row = [
          network.title,
          title,
          `${100 * sparsity} %`,
          ...comparison(median(known), reference, limit),
        ];
        rows.push(row);
        console.log(row.join('  '));
      }
    }
  }
  if (filters.length > 0) return;
  const list = [...described].map(([title, engine]) => `- ${title}: ${engine}`).join('\n');
  publish(
    'engines',
    `# Engines\n\n\`npm run bench -- engines\` on ${machine()}; PyTorch dense eager, ${threads} threads everywhere. ` +
      `Forward, backward and SGD update; medians over ${rounds} interleaved rounds, milliseconds per step.\n\n${list}` +
      `${[...missing].map(([what, why]) => `\n- ${what}: not measured, ${why}`).join('')}\n\n` +
      markdownTable(['network', 'engine', 'sparsity', 'ms', 'PyTorch dense', 'ratio', 'target'], rows),
  );
}

/** What cannot be measured on this machine, and why. */
const missing = new Map<string, string>();

/** One measurement in a process of its own; undefined, said aloud once, where the engine cannot run. */
function steps(measurement: Measurement): EngineSteps | undefined {
  const { candidate, threads, network } = measurement;
  const what = `${candidate.title} on ${network.title}`;
  if (missing.has(what)) return undefined;
  try {
    const output = execFileSync(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        join(benchFolder, 'engine-steps.ts'),
        JSON.stringify(measurement),
      ],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...engineById(candidate.engine).environment?.(threads) },
      },
    );
    return JSON.parse(output.trim().split('\n').at(-1)!) as EngineSteps;
  } catch (error) {
    const why = /cannot run here: (.*)/.exec(String((error as { stderr?: string }).stderr))?.[1];
    if (!why) throw error;
    console.log(`${what}: ${why}`);
    missing.set(what, why);
    return undefined;
  }
}
