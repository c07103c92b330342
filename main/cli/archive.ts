import { resolve } from 'node:path';
import { bytes } from '../../shared/amounts.ts';
import { adoptImport, archiveRun, stageImport } from '../app/run-archive.ts';
import { archiveExtension } from '../archive/manifest.ts';
import { refuseExisting } from '../exporters/export-model.ts';
import { note, print, printJson } from './output.ts';
import { openSession } from './session.ts';

interface Where {
  workspace?: string;
  json?: boolean;
}

/** `filigree archive RUN [FILE]`: everything that is stored of a run in one file. */
export async function archive(
  text: string,
  file: string | undefined,
  options: Where & { overwrite?: boolean },
): Promise<void> {
  const session = openSession(options.workspace);
  try {
    const id = session.find(text);
    const path = resolve(file ?? `${id}${archiveExtension}`);
    if (!options.overwrite) refuseExisting(path);
    const report = await archiveRun({ workspace: session.workspace.root, id, path }, () => {});
    if (options.json) return printJson(report);
    print(report.path);
    print(
      `${bytes(report.bytes)}, ${report.files} files of ${bytes(report.contentBytes)}, read back and equal`,
    );
  } finally {
    session.close();
  }
}

const outcomes = {
  imported: 'imported',
  copied: 'imported under a new id: its own is taken by a run with other content',
  known: 'nothing to do: a run with this content is here already',
  restored: 'a run with this content was in the trash; it is taken out again',
};

/** `filigree import FILE`: checks an archive and adds its run, all of it or nothing. */
export async function importArchive(file: string, options: Where): Promise<void> {
  const session = openSession(options.workspace);
  try {
    const staged = await stageImport({ path: resolve(file), workspace: session.workspace.root }, () => {});
    const result = await adoptImport(session.store, staged);
    if (options.json) return printJson(result);
    print(`${result.id}  ${result.name}`);
    note(outcomes[result.outcome]);
  } finally {
    session.close();
  }
}
