import { resolve } from 'node:path';
import { loadTrainedModel } from '../app/trained-model.ts';
import { exportModel } from '../exporters/exporter.ts';
import { exporterById } from '../exporters/registry.ts';
import { note, percent, print, printJson, quantity } from './output.ts';
import { openSession } from './session.ts';

/** `filigree export RUN`: writes the weights of the newest checkpoint and verifies the file by reading it back. */
export async function exportRun(
  text: string,
  options: { format: string; output?: string; overwrite?: boolean; workspace?: string; json?: boolean },
): Promise<void> {
  const session = openSession(options.workspace);
  try {
    const id = session.find(text);
    const exporter = exporterById(options.format);
    const { state } = session.store.getRun(id);
    if (state !== 'finished' && !options.json)
      note(`run ${id} is ${state}: these are the weights of its newest checkpoint`);
    const model = await loadTrainedModel(session.store, session.workspace, id);
    const path = resolve(options.output ?? `${id}${exporter.extension}`);
    const report = await exportModel(exporter, model, path, { overwrite: options.overwrite });
    if (options.json) return printJson(report);
    print(`${report.path}`);
    print(
      `${exporter.title}: ${quantity(report.bytes)}B, ${report.nnz} of ${report.weights} weights (${percent(report.density, 2)}), ` +
        'read back and equal bit for bit',
    );
  } finally {
    session.close();
  }
}
