import { basename, resolve } from 'node:path';
import type { ExportReport } from '../../shared/export-result.ts';
import { checkSamples } from '../app/check-samples.ts';
import { loadTrainedModel } from '../app/trained-model.ts';
import { exportModel } from '../exporters/export-model.ts';
import { exporterById } from '../exporters/registry.ts';
import { transforms } from '../exporters/transforms.ts';
import { note, percent, print, printJson, quantity } from './output.ts';
import { openSession } from './session.ts';

interface ExportFlags extends Record<string, unknown> {
  format: string;
  output?: string;
  overwrite?: boolean;
  workspace?: string;
  json?: boolean;
}

/** `filigree export RUN`: writes the weights of the newest checkpoint, and verifies the files by using them. */
export async function exportRun(text: string, options: ExportFlags): Promise<void> {
  const session = openSession(options.workspace);
  try {
    const id = session.find(text);
    const exporter = exporterById(options.format);
    const { state, config } = session.store.getRun(id);
    if (state !== 'finished' && !options.json)
      note(`run ${id} is ${state}: these are the weights of its newest checkpoint`);
    const model = await loadTrainedModel(session.store, session.workspace, id);
    const path = resolve(options.output ?? `${id}${exporter.extension}`);
    const report = await exportModel(exporter, model, path, {
      overwrite: options.overwrite,
      transforms: transforms.map((transform) => transform.id).filter((flag) => options[camel(flag)]),
      samples: await checkSamples(config.dataset, model.graph, session.workspace.data),
    });
    if (options.json) printJson(report);
    else print(describe(exporter.title, report));
  } finally {
    session.close();
  }
}

/** As commander names the option of a flag: `fold-batch-norm` is `foldBatchNorm`. */
const camel = (flag: string) => flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

function describe(title: string, { files, bytes, nnz, weights, density, check }: ExportReport): string {
  const { arrays, forward } = check;
  const lines = [
    ...files.map(({ path }) => path),
    `${title}: ${quantity(bytes)}B, ${nnz} of ${weights} weights (${percent(density, 2)})`,
    `read back: ${arrays} arrays equal to the model's`,
  ];
  if (forward) {
    const { by, instead, samples, source, maxDifference, tolerance } = forward;
    const difference = `${maxDifference.toExponential(1)}, accepted ${tolerance.toExponential(1)}`;
    lines.push(`forward pass by ${by} on ${samples} of ${source}: largest difference ${difference}`);
    if (instead)
      lines.push(`${basename(files[0].path)} was not run by the library it is made for: ${instead}`);
  }
  return lines.join('\n');
}
