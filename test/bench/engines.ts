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
  /** Of one engine's turn, and how many dense turns everybody has; sparse ones are a third of them. */
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

/** Beside dense. */
const sparsities = [0.9, 0.95, 0.99];
const passes = 3;

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
    ...{ torch: 'mlp-300-100', batch: 128, steps: 60, rounds: 51, limits: fast, xla: true, small: true },
  },
  {
    ...{ title: 'LeNet-5, batch 64', model: 'lenet5', values: {}, shape: digits },
    ...{ torch: 'lenet5', batch: 64, steps: 20, rounds: 15, limits: even, xla: false, small: true },
  },
  {
    ...{ title: 'ResNet-20, batch 64', model: 'resnet20', values: {}, shape: photos },
    ...{ torch: 'resnet20', batch: 64, steps: 4, rounds: 21, limits: fast, xla: false, small: false },
  },
  {
    ...{ title: 'ResNet-18, batch 64', model: 'resnet18', values: {}, shape: photos },
    ...{ torch: 'resnet18', batch: 64, steps: 2, rounds: 6, limits: even, xla: false, small: false },
  },
];

/** A network in a process of each engine, and in one of PyTorch. */
interface Field {
  network: BenchNetwork;
  torch: StepProcess<unknown> | undefined;
  engines: Map<Candidate, StepProcess<EngineReady>>;
}

/** Milliseconds per step in each turn, by sparsity and by engine; PyTorch's are in the same turns. */
interface Turns {
  torch: number[];
  engines: Map<Candidate, number[]>;
}

/**
 * Whole training steps on every engine beside PyTorch's dense step, in one run. `npm run bench -- engines lenet`
 * measures only the networks whose model matches, and publishes nothing.
 */
export default async function engines(filters: string[]): Promise<void> {
  const chosen = networks.filter(
    ({ model }) => filters.length === 0 || filters.some((f) => model.includes(f)),
  );
  const fields: Field[] = [];
  try {
    for (const network of chosen) {
      const field: Field = { network, torch: await startPytorch(network), engines: new Map() };
      fields.push(field);
      await enter(field);
    }
    const measured = await measure(fields);
    const rows = fields.flatMap((field) => rowsOf(field, measured.get(field)!));
    for (const row of rows) console.log(row.join('  '));
    if (filters.length === 0) publish('engines', report(fields, rows));
  } finally {
    for (const { torch, engines } of fields)
      for (const running of [torch, ...engines.values()]) running?.stop();
  }
}

function report(fields: readonly Field[], rows: readonly string[][]): string {
  const described = new Map(
    fields.flatMap(({ engines }) => [...engines].map(([{ title }, { ready }]) => [title, ready.engine])),
  );
  const list = [...described].map(([title, engine]) => `- ${title}: ${engine}`).join('\n');
  return (
    `# Engines\n\n\`npm run bench -- engines\` on ${machine()}; PyTorch dense eager, ${threads} threads everywhere. ` +
    `Forward, backward and SGD update, milliseconds per step. The engines take turns of a fraction of a second; the ` +
    `ratio is the median, over ${fields.map(({ network }) => network.rounds).join(', ')} dense turns on the four networks ` +
    `and a third of them at each sparsity, of an engine's time to PyTorch's in the same turn, with quartiles. Dense turns ` +
    `come in ${passes} passes over all networks, some minutes apart. TensorFlow's single operations (eager) have one ` +
    `thread each on the network without convolutions, which is faster there.\n\n${list}` +
    `${[...missing].map(([what, why]) => `\n- ${what}: not measured, ${why}`).join('')}\n\n` +
    markdownTable(
      ['network', 'engine', 'sparsity', 'ms', 'PyTorch dense', 'ratio', 'quartiles', 'target'],
      rows,
    )
  );
}

/** Starts a network on every engine that it is measured on. */
async function enter({ network, engines }: Field): Promise<void> {
  const candidates = [native, eager, traced, ...(network.xla ? [compiled] : []), webgpu];
  for (const candidate of candidates) {
    const running = await start({ candidate, threads, network });
    if (running) engines.set(candidate, running);
  }
}

/** What else the machine does changes within minutes, so the dense turns, which have targets, are spread over them. */
async function measure(fields: readonly Field[]): Promise<Map<Field, Map<number, Turns>>> {
  const measured = new Map(fields.map((field) => [field, new Map<number, Turns>()]));
  const turn = async (field: Field, sparsity: number) => {
    const { network, torch, engines } = field;
    const known = measured.get(field)!;
    const turns = known.get(sparsity) ?? { torch: [], engines: new Map<Candidate, number[]>() };
    known.set(sparsity, turns);
    if (torch) turns.torch.push(await torch.stepMs(network.steps));
    for (const [candidate, running] of engines) {
      const own = turns.engines.get(candidate) ?? [];
      if (running.ready.imitated && (sparsity > 0 || own.length > 0)) continue;
      turns.engines.set(candidate, [...own, await running.stepMs(network.steps)]);
    }
  };
  for (let pass = 0; pass < passes; pass++) {
    for (const field of fields)
      for (let round = pass; round < field.network.rounds; round += passes) await turn(field, 0);
  }
  for (const field of fields) {
    for (const sparsity of sparsities) {
      for (const running of field.engines.values()) {
        if (!running.ready.imitated) await running.ask(`sparsity ${sparsity}`);
      }
      for (let round = 0; round < field.network.rounds; round += passes) await turn(field, sparsity);
    }
  }
  return measured;
}

function rowsOf({ network }: Field, measured: ReadonlyMap<number, Turns>): string[][] {
  const candidates = [...measured.get(0)!.engines.keys()];
  return candidates.flatMap((candidate) =>
    [...measured].flatMap(([sparsity, turns]) => {
      const own = turns.engines.get(candidate);
      if (!own) return [];
      const limit = sparsity === 0 ? network.limits[candidate.title] : undefined;
      return [[network.title, candidate.title, `${100 * sparsity} %`, ...paired(own, turns.torch, limit)]];
    }),
  );
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
    // As the processes of runs are started. What computes no parts of a batch has other needs: XLA's programs have
    // threads of their own; single operations share their threads where they are large enough, which convolutions are.
    const whole = graphOf(network);
    const convolves = whole.nodes.some(({ op }) => op.kind === 'conv2d');
    const shares = candidate.execution === 'xla' || (candidate.execution === 'eager' && convolves);
    const graph = shares ? undefined : whole;
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
