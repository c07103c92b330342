import type { TrainedModel, TrainedParameter } from '../exporters/trained-model.ts';
import { analyse } from '../models/graph.ts';
import type { RunStore, StoredRun } from '../store/run-store.ts';
import { readNewestCheckpoint } from '../training/checkpoint.ts';
import { version } from './provenance.ts';
import type { Workspace } from './workspace.ts';

/**
 * The weights of a run as its newest checkpoint holds them: for a finished run the final ones.
 * @throws UserError `no-checkpoint`
 */
export async function loadTrainedModel(
  store: RunStore,
  workspace: Workspace,
  id: string,
): Promise<TrainedModel> {
  return readTrainedModel(store.getRun(id), workspace.runFolder(id));
}

/** What of a stored run is written into a file of its weights. */
export type TrainedRun = Pick<StoredRun, 'id' | 'state' | 'config' | 'configHash'>;

/** The same without a store, for a helper process. */
export async function readTrainedModel(run: TrainedRun, folder: string): Promise<TrainedModel> {
  const { graph, tensors, progress } = await readNewestCheckpoint(folder);
  const data = (name: string) => tensors.get(name)!.data;
  const analysis = analyse(graph);
  return {
    graph,
    parameters: analysis.parameters.map(({ name, shape, role }): TrainedParameter => ({
      name,
      shape,
      role,
      values: data(`value/${name}`) as Float32Array,
      ...(tensors.has(`mask/${name}`) && { mask: data(`mask/${name}`) as Uint8Array }),
    })),
    buffers: analysis.buffers.map(({ name }) => ({ name, values: data(`buffer/${name}`) as Float32Array })),
    provenance: {
      run: run.id,
      step: String(progress.step),
      state: run.state,
      architecture: run.config.model.id,
      seed: String(run.config.training.seed),
      config: JSON.stringify(run.config),
      configHash: run.configHash,
      datasetSha256: progress.datasetSha256,
      filigree: version,
    },
  };
}
