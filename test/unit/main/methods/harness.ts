import { referenceBackend } from '../../../../main/backends/reference/index.ts';
import type { Backend, Batch, Network } from '../../../../main/backends/backend.ts';
import type { Method, MethodContext, StateValue, StepPlan } from '../../../../main/methods/method.ts';
import { methodById } from '../../../../main/methods/registry.ts';
import type { Graph } from '../../../../main/models/graph.ts';
import { initialize } from '../../../../main/models/initialize.ts';
import { parseValues } from '../../../../shared/fields.ts';
import { Random } from '../../../../shared/random.ts';

const features = 8;

/** Features 8 – 32 – 16 – 2 classes: 800 weights. */
export const graph: Graph = {
  input: { shape: [features, 1, 1], scale: Array(features).fill(1), shift: Array(features).fill(0) },
  classes: 2,
  nodes: [
    { name: 'fc1', op: { kind: 'linear', outputs: 32, bias: true }, inputs: ['input'] },
    { name: 'relu1', op: { kind: 'relu' }, inputs: ['fc1'] },
    { name: 'fc2', op: { kind: 'linear', outputs: 16, bias: true }, inputs: ['relu1'] },
    { name: 'relu2', op: { kind: 'relu' }, inputs: ['fc2'] },
    { name: 'fc3', op: { kind: 'linear', outputs: 2, bias: true }, inputs: ['relu2'] },
  ],
};
export const weights = ['fc1.weight', 'fc2.weight', 'fc3.weight'];
export const weightCount = 8 * 32 + 32 * 16 + 16 * 2;

/** Settings that make the network trainable in 30 steps, for whichever of these fields a method has. */
export function tinySettings(id: string): Record<string, unknown> {
  const settings = {
    density: 0.5,
    initialDensity: 0.5,
    gain: 1,
    // Not AdaBreg's learning rate, by which its first step moves every dual: all would end on the threshold.
    lambda: 1.3e-3,
    coarseSteps: 4,
    updateInterval: 10,
    pruningInterval: 5,
  };
  return Object.fromEntries(Object.entries(settings).filter(([key]) => key in methodById(id).fields));
}

/** Two interleaved half circles, seen through random linear features. */
export function twoMoons(count: number, seed = 1): Batch {
  const random = new Random(seed);
  const lift = new Random(99);
  const projection = Array.from({ length: 2 * features }, () => lift.normal());
  const samples = new Float32Array(count * features);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const label = i % 2;
    const angle = Math.PI * random.uniform();
    const x = (label ? 1 - Math.cos(angle) : Math.cos(angle)) - 0.5 + 0.1 * random.normal();
    const y = (label ? 0.5 - Math.sin(angle) : Math.sin(angle)) - 0.25 + 0.1 * random.normal();
    for (let f = 0; f < features; f++)
      samples[i * features + f] = x * projection[2 * f] + y * projection[2 * f + 1];
    labels[i] = label;
  }
  return { samples, labels, size: count };
}

export async function newNetwork(backend: Backend = referenceBackend): Promise<Network> {
  const network = await backend.compile(graph, {
    maxBatch: 64,
    threads: 1,
    sparse: new Set(weights),
  });
  await initialize(network, new Random(7), 'kaiming');
  return network;
}

type State = { [key: string]: StateValue };

export interface Training {
  network: Network;
  /** Loss over 64 samples after `init` and at the end. */
  before: number;
  after: number;
  state: State;
  metrics: Readonly<Record<string, number>>;
  log: string[];
}

export interface TrainingOptions {
  steps: number;
  /** The reference where none is given. */
  backend?: Backend;
  learningRateAt?: (base: number, step: number) => number;
  /** After `init`, before the first step. */
  started?: (network: Network) => Promise<void>;
  /** After each step. */
  inspect?: (at: { step: number; plan: StepPlan; network: Network; state: State }) => Promise<void>;
}

/** The training loop without its surroundings: batches of 32 from 512 samples, in a fixed order. */
export async function train(
  id: string,
  raw: Record<string, unknown>,
  options: TrainingOptions,
): Promise<Training> {
  const method: Method = methodById(id);
  const values = parseValues(method.fields, raw, 'method');
  const network = await newNetwork(options.backend);
  const horizon = { totalSteps: options.steps, stepsPerEpoch: 16 };
  method.check?.(values, horizon);
  const log: string[] = [];
  const base = {
    ...horizon,
    network,
    values,
    sparse: network.parameters.filter((p) => p.sparse),
    random: new Random(3, 'method'),
    log: (text: string) => void log.push(text),
  };
  const data = twoMoons(512);
  const loss = async () => (await network.evaluate({ ...data, size: 64 })).lossSum / 64;
  const state = await method.init(base);
  const before = await loss();
  await options.started?.(network);
  const context = { ...base, state, step: 0, learningRate: 0, gradientScale: 1 };
  let next = 0;
  for (let step = 0; step < options.steps; step++) {
    const plan = method.plan(values, step, horizon);
    for (let pass = 0; pass < plan.batches; pass++) {
      const start = (next++ % 16) * 32;
      const samples = data.samples.slice(start * features, (start + 32) * features);
      const batch = { samples, labels: data.labels.slice(start, start + 32), size: 32 };
      await network.trainStep(batch, { gradients: plan.gradients, accumulate: pass > 0 });
    }
    const learningRate = values.learningRate as number;
    Object.assign(context, {
      step,
      learningRate: options.learningRateAt?.(learningRate, step) ?? learningRate,
      gradientScale: 1 / plan.batches,
    });
    await method.step(context as MethodContext<typeof values, State>);
    await options.inspect?.({ step, plan, network, state });
  }
  await method.finish?.(context as MethodContext<typeof values, State>);
  return { network, before, after: await loss(), state, metrics: method.metrics?.(values, state) ?? {}, log };
}

export async function readAll(network: Network, slot: 'value' | 'dual' = 'value'): Promise<Float32Array[]> {
  const names = slot === 'dual' ? weights : network.parameters.map((p) => p.name);
  return Promise.all(names.map((name) => network.read(name, slot)));
}

/** Largest difference between two networks over all parameters. */
export async function distance(a: Network, b: Network): Promise<number> {
  const [left, right] = await Promise.all([readAll(a), readAll(b)]);
  return Math.max(
    ...left.map((tensor, i) => tensor.reduce((max, x, k) => Math.max(max, Math.abs(x - right[i][k])), 0)),
  );
}

export const activeCount = (network: Network) =>
  weights.reduce((sum, name) => sum + network.activeCount(name), 0);

/** Asserts in words: entries outside the mask that are not 0. */
export async function strayWeights(network: Network): Promise<number> {
  let stray = 0;
  for (const name of weights) {
    const mask = await network.readMask(name);
    (await network.read(name, 'value')).forEach((x, i) => (stray += !mask[i] && x !== 0 ? 1 : 0));
  }
  return stray;
}
