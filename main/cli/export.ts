import { basename, resolve } from 'node:path';
import type { WrittenExport } from '../../shared/export-result.ts';
import { exportSource } from '../app/export-source.ts';
import { exportRun as writeExport } from '../app/jobs/export.ts';
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
    const { state } = session.store.getRun(id);
    if (state !== 'finished' && !options.json)
      note(`run ${id} is ${state}: these are the weights of its newest checkpoint`);
    const written = await writeExport(
      {
        ...exportSource(session.store, session.workspace, id),
        format: exporter.id,
        path: resolve(options.output ?? `${id}${exporter.extension}`),
        overwrite: options.overwrite ?? false,
        transforms: transforms.map((transform) => transform.id).filter((flag) => options[camel(flag)]),
      },
      () => {},
    );
    if (options.json) printJson(written);
    else print(describe(exporter.title, written));
  } finally {
    session.close();
  }
}

/** As commander names the option of a flag: `fold-batch-norm` is `foldBatchNorm`. */
const camel = (flag: string) => flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

function describe(title: string, written: WrittenExport): string {
  const { files, bytes, denseBytes, nnz, weights, density, check, card } = written;
  const { arrays, forward } = check;
  const lines = [
    ...files.map(({ path }) => path),
    card.paths[0],
    `${title}: ${quantity(bytes)}B (${percent(bytes / denseBytes)} of dense), ${nnz} of ${weights} weights (${percent(density, 2)})`,
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
