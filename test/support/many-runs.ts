import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { openWorkspace } from '../../main/app/workspace.ts';
import { RunStore } from '../../main/store/run-store.ts';
import { parseRunConfig } from '../../main/training/config.ts';
import { hashConfig } from '../../main/training/prepare.ts';
import type { Frame, ScalarSeries } from '../../shared/frames.ts';
import { Random } from '../../shared/random.ts';
import type { RunState } from '../../shared/run-state.ts';

/**
 * Writes many finished runs as an engine would have left them, for trying out how the workbench copes: sweeps of
 * several methods over density or λ with a handful of seeds each, a few of them failed or stopped.
 * Run as a script: `node test/support/many-runs.ts WORKSPACE COUNT [SEED]`.
 */
export function generateRuns(store: RunStore, count: number, seed: number): string[] {
  const random = new Random(seed);
  const ids: string[] = [];
  const realNow = Date.now;
  const spacing = 25 * 60_000;
  const startMs = realNow() - count * spacing;
  let now = startMs;
  // The store stamps what it writes with the present; these runs should lie in the past, one after the other.
  Date.now = () => now;
  try {
    for (const [number, plan] of plans(count, random).entries()) {
      now = startMs + Math.floor((number + random.uniform() / 2) * spacing);
      const id = store.createRun(newRun(plan));
      const state = outcome(random);
      const result = train(plan, state, random);
      store.appendFrames(id, [stateFrame('queued', 0), stateFrame('starting', 0), stateFrame('running', 0)]);
      now += result.wallMs;
      store.appendFrames(id, result.frames);
      if (plan.tags.length > 0) store.setTags(id, plan.tags);
      ids.push(id);
    }
  } finally {
    Date.now = realNow;
  }
  store.setStarred(
    ids.filter((_, number) => number % 17 === 0),
    true,
  );
  return ids;
}

interface Plan {
  method: string;
  settings: Record<string, number>;
  dataset: string;
  widths: number[];
  density: number;
  seed: number;
  epochs: number;
  tags: string[];
}

const methods = [
  'ml-linbreg',
  'linbreg',
  'adabreg',
  'rigl',
  'rigl-itop',
  'set',
  'static',
  'gmp',
  'sgd',
  'adam',
];
const bregman = new Set(['ml-linbreg', 'linbreg', 'adabreg']);
const dense = new Set(['sgd', 'adam']);
const seedsPerConfig = 5;

function plans(count: number, random: Random): Plan[] {
  const all: Plan[] = [];
  while (all.length < count) {
    const method = pick(methods, random);
    const density = dense.has(method) ? 1 : pick([0.01, 0.02, 0.05, 0.1, 0.2, 0.3], random);
    const settings: Record<string, number> = {};
    if (bregman.has(method))
      settings.lambda = Number((0.4 * (1 - density) * random.uniform() + 0.02).toFixed(3));
    else if (!dense.has(method)) settings.density = density;
    const shared = {
      method,
      settings,
      density,
      dataset: pick(['fashion-mnist', 'mnist', 'kmnist', 'fashion-mnist-mini'], random),
      widths: pick(
        [
          [300, 100],
          [200, 80],
          [512, 256, 128],
        ],
        random,
      ),
      epochs: pick([10, 20, 30], random),
      tags: random.uniform() < 0.25 ? [pick(['paper', 'ablation', 'baseline', 'rerun'], random)] : [],
    };
    for (let seed = 0; seed < seedsPerConfig && all.length < count; seed++) all.push({ ...shared, seed });
  }
  return all;
}

const pick = <T>(items: readonly T[], random: Random): T =>
  items[Math.floor(random.uniform() * items.length)];

function newRun(plan: Plan) {
  const config = parseRunConfig({
    name: `${plan.method} ${plan.dataset} ${describe(plan)} s${plan.seed}`,
    model: { id: 'mlp', widths: plan.widths },
    dataset: plan.dataset,
    method: { id: plan.method, ...plan.settings },
    training: { epochs: plan.epochs, seed: plan.seed },
  });
  return {
    config,
    configHash: hashConfig(config),
    seed: plan.seed,
    environment: { version: '0.1.0', stepsPerEpoch },
  };
}

const describe = ({ settings }: Plan) =>
  Object.entries(settings)
    .map(([key, value]) => `${key} ${value}`)
    .join(' ');

function outcome(random: Random): RunState {
  const dice = random.uniform();
  return dice < 0.03 ? 'failed' : dice < 0.06 ? 'stopped' : 'finished';
}

const stepsPerEpoch = 468;
const difficulty: Record<string, number> = {
  mnist: 0.985,
  'fashion-mnist': 0.89,
  kmnist: 0.93,
  'fashion-mnist-mini': 0.84,
};

function train(plan: Plan, state: RunState, random: Random): { frames: Frame[]; wallMs: number } {
  const epochs = state === 'finished' ? plan.epochs : Math.max(1, Math.floor(plan.epochs * random.uniform()));
  const points = 40;
  const steps = epochs * stepsPerEpoch;
  const ceiling =
    difficulty[plan.dataset] -
    0.03 * (1 - plan.density) ** 12 -
    (plan.method === 'static' ? 0.015 * (1 - plan.density) : 0) +
    0.004 * (random.uniform() - 0.5);
  const stepMs = (0.3 + 2.2 * plan.density) * (0.9 + 0.2 * random.uniform());
  const weights =
    784 * plan.widths[0] + plan.widths.slice(1).reduce((sum, w, i) => sum + w * plan.widths[i], 0);
  const densityAt = (share: number) =>
    bregman.has(plan.method)
      ? plan.density * (0.05 + 0.95 * share ** 0.5)
      : plan.method === 'gmp'
        ? 1 - (1 - plan.density) * (1 - (1 - share) ** 3)
        : plan.density;
  const share = (i: number, n: number) => ((i + 1) / n) * (epochs / plan.epochs);
  const series = (key: string, n: number, value: (share: number) => number): ScalarSeries => {
    const at = Float64Array.from({ length: n }, (_, i) => Math.ceil(((i + 1) * steps) / n) - 1);
    return {
      key,
      steps: at,
      values: at.map((_, i) => value(share(i, n))),
      wallMs: at.map((s) => (s + 1) * stepMs),
    };
  };
  const noise = (size: number) => size * (random.uniform() - 0.5);
  const accuracy = (s: number) => ceiling * (1 - 0.35 * Math.exp(-7 * s)) + noise(0.006);
  const loss = (s: number) => (1 - ceiling) * 2.4 + 1.6 * Math.exp(-6 * s) + Math.abs(noise(0.04));
  const percent = (s: number) => 100 * (plan.density === 1 ? 1 : 0.004 + 0.97 * densityAt(s * 0.7));
  const scalars = [
    series('train/loss', points, loss),
    series('train/accuracy', points, (s) => Math.min(0.999, accuracy(s) + 0.02 * s)),
    series('test/loss', epochs, (s) => loss(s) * 1.08),
    series('test/accuracy', epochs, accuracy),
    series('epoch', epochs, (s) => s * plan.epochs),
    series('learningRate', points, (s) => 0.05 * (1 + Math.cos(Math.PI * s))),
    series('density', points, densityAt),
    series(
      'flops/train',
      points,
      (s) => (percent(s) / 100) * s * plan.epochs * stepsPerEpoch * weights * 128 * 6,
    ),
    series('flops/percentOfDense', points, percent),
    series('flops/inferencePercent', epochs, (s) => 100 * densityAt(s)),
  ];
  const last = (key: string) => scalars.find((one) => one.key === key)!.values.at(-1)!;
  const values = {
    ...Object.fromEntries(
      ['test/accuracy', 'test/loss', 'density', 'flops/train', 'flops/percentOfDense'].map((key) => [
        key,
        last(key),
      ]),
    ),
    nonzeros: Math.round(weights * last('density')),
    parameters: weights,
    'time/stepMs': stepMs,
    'time/wallMs': steps * stepMs,
  };
  const reason = state === 'failed' ? 'the loss is not finite' : undefined;
  return {
    wallMs: Math.round(steps * stepMs),
    frames: [
      { type: 'scalars', series: scalars },
      ...(state === 'finished' ? [{ type: 'summary' as const, values, layers: [] }] : []),
      stateFrame(state, steps, reason),
    ],
  };
}

const stateFrame = (state: RunState, step: number, reason?: string): Frame => ({
  type: 'state',
  state,
  step,
  ...(reason ? { reason } : {}),
});

if (import.meta.main) {
  const [folder, count, seed = '1'] = process.argv.slice(2);
  const { database } = openWorkspace(folder);
  mkdirSync(dirname(database), { recursive: true });
  const store = RunStore.open(database);
  const start = performance.now();
  generateRuns(store, Number(count), Number(seed));
  store.close();
  console.log(`${count} runs in ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
