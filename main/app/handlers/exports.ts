import { basename } from 'node:path';
import { refuseExisting } from '../../exporters/export-model.ts';
import type { Exporter } from '../../exporters/exporter.ts';
import { exporterById } from '../../exporters/registry.ts';
import { transformsById } from '../../exporters/transforms.ts';
import type { HostContext } from '../context.ts';
import type { Handlers } from '../dispatch.ts';
import { exportName, exportPath } from '../export-path.ts';
import { exportSource } from '../export-source.ts';
import { snippetOf } from '../model-card/snippets.ts';

export function exportsHandlers({
  workspace,
  store,
  tasks,
  shell,
}: HostContext): Pick<Handlers, 'exports.create' | 'exports.preview'> {
  return {
    async 'exports.create'({ runId, format, transforms, path: wanted, overwrite }) {
      const source = exportSource(store, workspace, runId);
      const exporter = exporterById(format);
      transformsById(transforms);
      const { name } = source.facts;
      const path = await exportPath(workspace, wanted ?? exportName(name, runId, endingOf(exporter)));
      if (!overwrite) refuseExisting(path);
      const { done } = tasks.track(
        { kind: 'export', title: `Exporting ${name} as ${exporter.title}` },
        (options) => tasks.run('exportRun', { ...source, format, transforms, path, overwrite }, options),
      );
      const written = await done;
      const file = basename(path);
      const downloads = [...written.files.map((one) => one.path), ...written.card.paths].flatMap((one) => {
        const url = shell.offerDownload?.(one);
        return url === undefined ? [] : [{ name: basename(one), url }];
      });
      // Who downloads it has it under its name, somewhere else.
      const snippet = snippetOf(exporter, downloads.length === 0 ? path : file);
      return { ...written, file, snippet, downloads };
    },

    async 'exports.preview'({ runId, transforms }) {
      transformsById(transforms);
      return tasks.run('previewExport', { ...exportSource(store, workspace, runId), transforms });
    },
  };
}

/** Says the format where the extension does not: two formats share one. */
const endingOf = ({ id, extension }: Exporter) => (extension === `.${id}` ? extension : `-${id}${extension}`);
