import type { Network, UpdateRule } from '../../main/backends/backend.ts';
import { chooseBackend } from '../../main/backends/registry.ts';
import type { Graph } from '../../main/models/graph.ts';
import { analyse } from '../../main/models/graph.ts';
import { initialize } from '../../main/models/initialize.ts';
import { modelById } from '../../main/models/registry.ts';
import { parseValues } from '../../shared/fields.ts';
import { Random } from '../../shared/random.ts';
import { comparison, machine, markdownTable, median, publish, pytorch, threads } from './support.ts';

interface Case {
  title: string;
  torch: string;
  batch: number;
  steps: number;
  graph: Graph;
  /** Highest acceptable ratio to PyTorch's dense step, by sparsity. */
  limits: Record<number, number>;
}

const sparsities = [0, 0.8, 0.9, 0.95, 0.99];
const sgd: UpdateRule = { kind: 'sgd', learningRate: 0.01, momentum: 0, nesterov: false, weightDecay: 0 };

function build(id: string, values: Record<string, unknown>, shape: [number, number, number]): Graph {
  const model = modelById(id);
  const channels = shape[0];
  const input = { shape, scale: Array(channels).fill(1 / 64), shift: Array(channels).fill(-2) };
  return model.build(parseValues(model.fields, values, 'model'), input, 10);
}

/** Whole training steps (forward, backward, update) at uniform random sparsity; the batch is already in memory. */
export default async function steps(): Promise<void> {
  const cases: Case[] = [
    {
      title: 'MLP 784-300-100-10, batch 128',
      torch: 'mlp-300-100',
      batch: 128,
      steps: 400,
      graph: build('mlp', { widths: [300, 100] }, [1, 28, 28]),
      limits: { 0: 1.3, 0.95: 0.35 },
    },
    {
      title: 'ResNet-20, batch 64',
      torch: 'resnet20',
      batch: 64,
      steps: 12,
      graph: build('resnet20', {}, [3, 32, 32]),
      limits: { 0: 1.3, 0.95: 0.5 },
    },
  ];
  const { backend } = chooseBackend('native', threads);
  const rounds = 5;
  const rows: string[][] = [];
  for (const bench of cases) {
    const times = new Map<number, number[]>(sparsities.map((s) => [s, []]));
    const torch: number[] = [];
    // Rounds are interleaved with PyTorch's, so that a noisy neighbour hits both sides.
    for (let round = 0; round < rounds; round++) {
      const spec = `${bench.torch}:${bench.batch}`;
      const measured = pytorch<{ ms: Record<string, number> }>('steps.py', threads, bench.steps, spec);
      if (measured) torch.push(measured.ms[spec]);
      for (const sparsity of sparsities) times.get(sparsity)!.push(await stepMs(bench, sparsity));
    }
    const reference = torch.length > 0 ? median(torch) : undefined;
    for (const sparsity of sparsities) {
      const ms = median(times.get(sparsity)!);
      rows.push([bench.title, `${100 * sparsity} %`, ...comparison(ms, reference, bench.limits[sparsity])]);
    }
  }
  publish(
    'steps',
    `# Training steps\n\n\`npm run bench -- steps\` on ${machine()}; ${backend.describe()}; PyTorch dense eager with ` +
      `${threads} threads. Medians over ${rounds} interleaved rounds, milliseconds per step.\n\n` +
      markdownTable(['network', 'sparsity', 'Filigree', 'PyTorch dense', 'ratio', 'target'], rows),
  );

  async function stepMs(bench: Case, sparsity: number): Promise<number> {
    const weights = analyse(bench.graph).parameters.filter((p) => p.role === 'weight');
    const network = await backend.compile(bench.graph, {
      maxBatch: bench.batch,
      threads,
      sparse: new Set(weights.map((p) => p.name)),
    });
    const random = new Random(1, 'bench');
    await initialize(network, random, 'kaiming');
    if (sparsity > 0) await maskAtRandom(network, sparsity, random);
    const features = bench.graph.input.shape.reduce((a, b) => a * b, 1);
    const batch = {
      samples: Uint8Array.from({ length: bench.batch * features }, () => random.below(256)),
      labels: Int32Array.from({ length: bench.batch }, () => random.below(10)),
      size: bench.batch,
    };
    const times: number[] = [];
    const warmUp = Math.max(6, bench.steps / 10);
    for (let i = 0; i < bench.steps + warmUp; i++) {
      const start = performance.now();
      await network.trainStep(batch, { gradients: 'support' });
      await network.applyUpdate(sgd, { scope: 'support' });
      if (i >= warmUp) times.push(performance.now() - start);
    }
    network.dispose();
    return median(times);
  }
}

async function maskAtRandom(network: Network, sparsity: number, random: Random): Promise<void> {
  for (const parameter of network.parameters.filter((p) => p.sparse)) {
    const mask = new Uint8Array(parameter.size).map(() => (random.uniform() >= sparsity ? 1 : 0));
    await network.writeMask(parameter.name, mask);
  }
}
