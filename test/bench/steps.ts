import { chooseBackend } from '../../main/backends/registry.ts';
import type { Graph } from '../../main/models/graph.ts';
import { analyse } from '../../main/models/graph.ts';
import { probeGraph, StepProbe } from '../../main/training/probe.ts';
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

/** Whole training steps (forward, backward, update) at uniform random sparsity; the batch is already in memory. */
export default async function steps(): Promise<void> {
  const cases: Case[] = [
    {
      title: 'MLP 784-300-100-10, batch 128',
      torch: 'mlp-300-100',
      batch: 128,
      steps: 400,
      graph: probeGraph({ id: 'mlp', values: { widths: [300, 100] } }, [1, 28, 28], 10),
      limits: { 0: 1.3, 0.95: 0.35 },
    },
    {
      title: 'ResNet-20, batch 64',
      torch: 'resnet20',
      batch: 64,
      steps: 12,
      graph: probeGraph({ id: 'resnet20', values: {} }, [3, 32, 32], 10),
      limits: { 0: 1.3, 0.95: 0.5 },
    },
  ];
  const { backend } = await chooseBackend('native', threads);
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
    const probe = await StepProbe.create({
      ...{ backend, graph: bench.graph, threads, batchSize: bench.batch },
      sparse: new Set(weights.map((p) => p.name)),
    });
    if (sparsity > 0) await probe.mask(() => 1 - sparsity);
    const ms = await probe.stepMs('support', { steps: bench.steps, warmUp: Math.max(6, bench.steps / 10) });
    probe.dispose();
    return ms;
  }
}
