import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { nativeObjects } from '../../scripts/build-native.mjs';
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

/** Layer name of the C++ program -> PyTorch layer, and the highest acceptable ratio to PyTorch dense by sparsity. */
const layers: Record<string, { torch: string; limits: Record<string, number> }> = {
  'linear 784-300 b128': { torch: 'linear:784:300:128', limits: {} },
  'linear 1024-1024 b128': { torch: 'linear:1024:1024:128', limits: { '0.05': 0.12, '0.01': 0.05 } },
  'linear 1024-4096 b128': { torch: 'linear:1024:4096:128', limits: {} },
  'conv 16-16 32x32 b64': { torch: 'conv:16:16:3:1:32:64', limits: {} },
  'conv 64-64 32x32 b64': { torch: 'conv:64:64:3:1:32:64', limits: { '0.05': 0.35, '0.01': 0.2 } },
  'conv 256-256 8x8 b64': { torch: 'conv:256:256:3:1:8:64', limits: { '0.05': 0.4 } },
};

const root = join(benchFolder, '..', '..');
const rounds = 5;

/** Forward + input gradient + weight gradient of single layers, beside PyTorch's dense forward + backward. */
export default async function kernels(): Promise<void> {
  const program = await compile();
  console.log(execFileSync(program, ['check'], { encoding: 'utf8' }));
  const rows: string[][] = [];
  for (const [name, { torch, limits }] of Object.entries(layers)) {
    const torchMs: number[] = [];
    const ours = new Map<string, number[]>();
    // Rounds alternate between the two, so that a noisy neighbour hits both sides.
    for (let round = 0; round < rounds; round++) {
      const measured = pytorch<{ ms: Record<string, number> }>('layers.py', threads, 30, torch);
      if (measured) torchMs.push(measured.ms[torch]);
      for (const [density, ms] of timesOf(program, name))
        ours.set(density, [...(ours.get(density) ?? []), ms]);
    }
    const reference = torchMs.length > 0 ? median(torchMs) : undefined;
    for (const [density, times] of ours) {
      const ms = median(times);
      rows.push([
        name,
        `${(100 * (1 - Number(density))).toFixed(0)} %`,
        ...comparison(ms, reference, limits[String(Number(density))]),
      ]);
      console.log(rows.at(-1)!.join('  '));
    }
  }
  publish(
    'kernels',
    `# Kernels\n\n\`npm run bench -- kernels\` on ${machine()}. Forward, input gradient and weight gradient of one layer, ` +
      `milliseconds, ${threads} threads, medians over ${rounds} interleaved rounds; PyTorch runs its dense eager layer ` +
      `(its sparse tensors have no such backward pass).\n\n` +
      markdownTable(['layer', 'sparsity', 'Filigree', 'PyTorch dense', 'ratio', 'target'], rows),
  );
}

/** Links the benchmark with the very objects that the product ships. */
async function compile(): Promise<string> {
  const kernels = (await nativeObjects()).filter((path) => basename(path).startsWith('kernels-'));
  const output = join(root, 'build', 'bench', 'kernels');
  mkdirSync(join(root, 'build', 'bench'), { recursive: true });
  const headers = join(root, 'main/backends/native/src/kernels');
  const program = join(benchFolder, 'native', 'kernels.cc');
  const flags = ['-O3', '-std=c++17', '-pthread', '-I', headers, program, ...kernels, '-o', output];
  execFileSync(process.env.CXX ?? 'c++', flags, { stdio: 'inherit' });
  return output;
}

/** Density -> milliseconds of forward + input gradient + weight gradient. */
function timesOf(program: string, layer: string): [density: string, ms: number][] {
  const output = execFileSync(program, ['time', layer], { encoding: 'utf8' });
  return output.split('\n').flatMap((line): [string, number][] => {
    const match = /^(.+?)\s+(\d\.\d+)\s+[\d.]+\s+[\d.]+\s+[\d.]+\s+([\d.]+) ms/.exec(line);
    return match && match[1] === layer ? [[match[2], Number(match[3])]] : [];
  });
}
