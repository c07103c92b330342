// `npm run setup:tensorflow [-- --gpu] [--from FOLDER] [--remove]`: installs an engine that is installed on demand, or
// removes it.
import { parseArgs } from 'node:util';
import { engineById } from '../main/backends/registry.ts';
import { installTensorflow } from '../main/backends/tensorflow/setup/install.ts';
import { UserError } from '../shared/errors.ts';
import { engineIds } from '../shared/run.ts';

const say = (text: string) => process.stderr.write(`filigree: ${text}\n`);
let said = '';
/** Each thing that is being done, once; a terminal is no place for a hundred lines of percents. */
const onProgress = ({ text }: { text: string }) => {
  if (text !== said) say(`${text} ...`);
  said = text;
};

try {
  process.stdout.write(`${await run()}\n`);
} catch (error) {
  if (!(error instanceof UserError) && (error as { code?: string }).code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION')
    throw error;
  say((error as Error).message);
  process.exitCode = 1;
}

async function run(): Promise<string> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { gpu: { type: 'boolean' }, from: { type: 'string' }, remove: { type: 'boolean' } },
  });
  const id = engineIds.find((engine) => engine === positionals[0]);
  const setUp = id && engineById(id).setUp;
  if (!setUp) throw new UserError('unknown-engine', `no engine ${positionals[0]} is installed on demand`);
  if (values.remove) {
    if (!setUp.isInstalled()) return `nothing to remove in ${setUp.folder()}`;
    await setUp.remove();
    return `removed ${setUp.folder()}`;
  }
  if (id === 'tensorflow') return installTensorflow({ gpu: values.gpu, from: values.from, onProgress });
  return setUp.install({ onProgress });
}
