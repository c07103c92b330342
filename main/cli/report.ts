import { resolve } from 'node:path';
import type { UserError } from '../../shared/errors.ts';
import { honestNumbers } from '../app/honest-numbers.ts';
import { writeReport } from '../app/run-report.ts';
import { refuseExisting } from '../exporters/export-model.ts';
import { print, printJson } from './output.ts';
import { openSession } from './session.ts';

/** `filigree report RUN [FILE]`: one self-contained HTML file about a run. */
export async function report(
  text: string,
  file: string | undefined,
  options: { workspace?: string; json?: boolean; overwrite?: boolean },
): Promise<void> {
  const { store, workspace, find, close } = openSession(options.workspace);
  try {
    const id = find(text);
    const path = resolve(file ?? `${id}.html`);
    if (!options.overwrite) refuseExisting(path);
    // Nothing is measured here: a dense run of the same network tells its time per step, or none does.
    const honest = await honestNumbers(store, id, async () => undefined).catch((error: UserError) => {
      if (error.code === 'not-started') return undefined;
      throw error;
    });
    await writeReport({ workspace: workspace.root, id, path, honest });
    if (options.json) return printJson({ path });
    print(path);
  } finally {
    close();
  }
}
