import type { Backend, Batch, CompileOptions, Network } from '../../main/backends/backend.ts';
import { analyse, type Graph } from '../../main/models/graph.ts';
import { initialize } from '../../main/models/initialize.ts';
import { Random } from '../../shared/random.ts';

export interface Setup extends Partial<CompileOptions> {
  seed?: number;
  /** Gives every sparse weight a random mask of this density; none by default. */
  density?: number;
}

/** Every linear and convolution weight of a graph. */
export function weightsOf(graph: Graph): Set<string> {
  return new Set(
    analyse(graph)
      .parameters.filter((p) => p.role === 'weight')
      .map((p) => p.name),
  );
}

/** A compiled network with seeded random parameters (batch norm included) and, where asked for, random masks. */
export async function randomNetwork(backend: Backend, graph: Graph, setup: Setup = {}): Promise<Network> {
  const { seed = 1, density, ...options } = setup;
  const network = await backend.compile(graph, {
    maxBatch: 8,
    threads: 1,
    sparse: weightsOf(graph),
    ...options,
  });
  const random = new Random(seed);
  await initialize(network, random, 'kaiming');
  for (const { name, role, size } of network.parameters) {
    if (role === 'scale') await network.write(name, 'value', uniforms(size, random, 0.5, 1.5));
    if (role === 'shift') await network.write(name, 'value', uniforms(size, random, -0.5, 0.5));
  }
  if (density !== undefined) await maskAll(network, density, random);
  return network;
}

/** Masks every sparse weight at random. The first row of each stays empty, which kernels must survive. */
export async function maskAll(network: Network, density: number, random: Random): Promise<void> {
  for (const { name, size, shape, sparse } of network.parameters) {
    if (!sparse) continue;
    const row = size / shape[0];
    const mask = Uint8Array.from({ length: size }, (_, i) =>
      i >= row && random.uniform() < density ? 1 : 0,
    );
    await network.writeMask(name, mask);
  }
}

export function uniforms(size: number, random: Random, low = -1, high = 1): Float32Array {
  return Float32Array.from({ length: size }, () => low + (high - low) * random.uniform());
}

export function normals(size: number, random: Random, scale = 1): Float32Array {
  return Float32Array.from({ length: size }, () => scale * random.normal());
}

/** Standard normal samples, or bytes. */
export function randomBatch(graph: Graph, size: number, seed = 2, kind: 'float' | 'byte' = 'float'): Batch {
  const random = new Random(seed);
  const length = size * graph.input.shape.reduce((a, b) => a * b, 1);
  const samples =
    kind === 'float' ? normals(length, random) : Uint8Array.from({ length }, () => random.below(256));
  return { samples, labels: Int32Array.from({ length: size }, () => random.below(graph.classes)), size };
}

/** A copy of one slot of every parameter, by name. */
export async function readAll(
  network: Network,
  slot: Parameters<Network['read']>[1],
): Promise<Map<string, Float32Array>> {
  const tensors = new Map<string, Float32Array>();
  for (const { name } of network.parameters) tensors.set(name, await network.read(name, slot));
  return tensors;
}
