import { basename } from 'node:path';
import type { ExportPreview, ExportReport, WrittenExport } from '../../../shared/export-result.ts';
import type { ModelCard } from '../../../shared/model-card.ts';
import { cardPaths, exportModel } from '../../exporters/export-model.ts';
import { exporterById } from '../../exporters/registry.ts';
import type { TrainedModel } from '../../exporters/trained-model.ts';
import { transformsById } from '../../exporters/transforms.ts';
import { checkSamples } from '../check-samples.ts';
import type { ExportSource } from '../export-source.ts';
import { createCard } from '../model-card/card.ts';
import { renderCard } from '../model-card/markdown.ts';
import { snippetOf } from '../model-card/snippets.ts';
import { networkSize, removedUnits } from '../network-size.ts';
import { readTrainedModel } from '../trained-model.ts';
import type { ReportProgress } from './index.ts';

export interface ExportRequest extends ExportSource {
  format: string;
  transforms: string[];
  path: string;
  overwrite: boolean;
}

/** Writes an export and its card. @throws UserError as `exportModel`; `no-checkpoint` */
export async function exportRun(
  { facts, folder, dataFolder, format, path, ...options }: ExportRequest,
  onProgress: ReportProgress,
): Promise<WrittenExport> {
  onProgress({ text: 'reading the newest checkpoint', fraction: undefined });
  const model = await readModel({ facts, folder });
  const samples = await checkSamples(facts.dataset, model.graph, dataFolder);
  onProgress({ text: 'writing, reading back and repeating the forward pass', fraction: undefined });
  const exporter = exporterById(format);
  const denseBytes = model.parameters.reduce((sum, { values }) => sum + values.byteLength, 0);
  let content: ModelCard;
  let markdown = '';
  const card = (report: ExportReport, written: TrainedModel) => {
    content = createCard(facts, model, [snippetOf(exporter, basename(path))], {
      ...{ format, title: exporter.title, denseBytes, bytes: report.bytes, transforms: report.transforms },
      files: report.files.map(({ path, bytes, sha256 }) => ({ name: basename(path), bytes, sha256 })),
      network: networkSize(written.graph),
      check: report.check,
    });
    markdown = renderCard(content);
    return [markdown, `${JSON.stringify(content, undefined, 2)}\n`] as const;
  };
  const report = await exportModel(exporter, model, path, { ...options, samples, card });
  return { ...report, denseBytes, card: { content: content!, markdown, paths: cardPaths(path) } };
}

/** What transforms would make of a run's network. */
export async function previewExport({
  transforms,
  ...source
}: Pick<ExportSource, 'facts' | 'folder'> & { transforms: string[] }): Promise<ExportPreview> {
  const model = await readModel(source);
  const { graph } = transformsById(transforms).reduce((before, { apply }) => apply(before), model);
  return {
    before: networkSize(model.graph),
    after: networkSize(graph),
    removed: removedUnits(model.graph, graph),
  };
}

function readModel({ facts, folder }: Pick<ExportSource, 'facts' | 'folder'>): Promise<TrainedModel> {
  const { config, run } = facts;
  return readTrainedModel({ ...run, config }, folder);
}
