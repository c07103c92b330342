import type { MaskCatalog, MaskLayer, PackedMask } from '../../shared/masks.ts';
import { UserError } from '../../shared/errors.ts';
import { toCsr } from '../exporters/csr.ts';
import { encodeScipyCsr } from '../exporters/scipy.ts';
import { methods } from '../methods/registry.ts';
import type { RunStore, SnapshotInfo } from '../store/run-store.ts';
import { readNewestCheckpoint } from '../training/checkpoint.ts';
import type { Provenance } from '../training/messages.ts';
import { MaskDecoder } from './mask-decoder.ts';
import type { Workspace } from './workspace.ts';

/** The masks that runs have recorded. Every method throws UserError `unknown-run`. */
export class MaskReader {
  readonly #store: RunStore;
  readonly #workspace: Workspace;
  readonly #decoder = new MaskDecoder();

  constructor(store: RunStore, workspace: Workspace) {
    this.#store = store;
    this.#workspace = workspace;
  }

  list(id: string): MaskCatalog {
    const { environment, config } = this.#store.getRun(id);
    const snapshots = this.#store.listSnapshots(id);
    const byLayer = Map.groupBy(snapshots, ({ layer }) => layer);
    const shapes = this.#shapes(id, environment);
    const layers = [...byLayer].map(([name, snapshots]): MaskLayer => {
      const { rows, columns } = snapshots[0];
      return {
        name,
        shape: shapes.get(name)?.shape ?? [rows, columns],
        rows,
        columns,
        steps: snapshots.map(({ step }) => step),
        nnz: snapshots.map(({ nnz }) => nnz),
        targetDensity: targetDensity(config.method.id, snapshots[0]),
        macs: shapes.get(name)?.macs ?? rows * columns,
      };
    });
    // In the order of the network, as far as it is known.
    const order = [...shapes.keys()];
    layers.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
    return { layers, steps: [...new Set(snapshots.map(({ step }) => step))].sort((a, b) => a - b) };
  }

  /**
   * A layer's mask as it was at a step.
   * @throws UserError `no-snapshot` if none was recorded at or before it
   */
  read(id: string, layer: string, step: number): PackedMask {
    const { mask, rows, columns, nnz } = this.#decode(id, layer, step);
    return { step, rows, columns, nnz, bits: packBits(mask) };
  }

  /**
   * A layer's weights in the newest checkpoint.
   * @throws UserError `no-checkpoint`, `unknown-layer`
   */
  async values(id: string, layer: string): Promise<{ step: number; values: Float32Array }> {
    this.#store.getRun(id);
    const { tensors, progress } = await readNewestCheckpoint(this.#workspace.runFolder(id));
    const tensor = tensors.get(`value/${layer}`);
    if (!tensor) throw new UserError('unknown-layer', `run ${id} has no layer ${layer}`, 'layer');
    return { step: progress.step, values: tensor.data as Float32Array };
  }

  /** A layer's mask at a step as `scipy.sparse.save_npz` writes a CSR matrix; every stored value is 1. */
  npz(id: string, layer: string, step: number): { file: string; bytes: Uint8Array } {
    const { mask, rows, columns } = this.#decode(id, layer, step);
    const values = Float32Array.from(mask);
    const csr = toCsr({ name: layer, shape: [rows, columns], role: 'weight', values, mask });
    return { file: `${layer}-step-${step}.npz`, bytes: encodeScipyCsr(csr) };
  }

  #decode(id: string, layer: string, step: number) {
    this.#store.getRun(id);
    const chain = this.#store.snapshotChain(id, layer, step);
    const { rows, columns, nnz } = chain[chain.length - 1];
    return { mask: this.#decoder.decode(`${id}/${layer}`, chain), rows, columns, nnz };
  }

  /** Known from the start of training on; for runs of older versions only once they have a summary. */
  #shapes(
    id: string,
    environment: Partial<Provenance>,
  ): Map<string, Pick<Provenance['layers'][number], 'shape' | 'macs'>> {
    const layers = environment.layers ?? this.#store.readSummary(id)?.layers ?? [];
    return new Map(layers.map((layer) => [layer.name, layer]));
  }
}

/**
 * The density that a method keeps a layer at. Methods with a fixed budget begin with it; where density is an outcome,
 * or a target for all layers together, a layer has none of its own.
 */
function targetDensity(methodId: string, first: SnapshotInfo): number | undefined {
  const method = methods.find(({ id }) => id === methodId);
  const hasBudget = method?.taxonomy.start === 'sparse' && 'density' in method.fields;
  return hasBudget && first.step === 0 ? first.nnz / (first.rows * first.columns) : undefined;
}

function packBits(mask: Uint8Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(mask.length / 8));
  for (let i = 0; i < mask.length; i++) bits[i >> 3] |= mask[i] << (i & 7);
  return bits;
}
