import { Command, Option } from 'commander';
import { UserError } from '../../shared/errors.ts';
import { version } from '../app/provenance.ts';
import { exporters } from '../exporters/registry.ts';
import { transforms } from '../exporters/transforms.ts';
import { archive, importArchive } from './archive.ts';
import { backends, setUpEngine } from './backends.ts';
import { bench } from './bench.ts';
import { printCard } from './card.ts';
import { exportRun } from './export.ts';
import { listRuns, showRun } from './inspect.ts';
import { list, type Listed } from './listing.ts';
import { note } from './output.ts';
import { quickstart } from './quickstart.ts';
import type { ServeOptions } from './serve.ts';
import { report } from './report.ts';
import { resume, train, trainHelp, exitCodes, type TrainOptions } from './train.ts';
import { welcome } from './welcome.ts';

const program = new Command('filigree')
  .description('Train sparse neural networks, look at what happened, export the weights.')
  .version(version)
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : exitCodes.usage))
  .usage('<command> [options]')
  .argument('[command]')
  .action((command: string | undefined) => {
    if (command !== undefined)
      throw new UserError('bad-flag', `${command} is not a command; filigree --help lists them`);
    welcome();
  });

const workspace = new Option('-w, --workspace <folder>', 'where runs and data are kept').env('FILIGREE_HOME');
const json = new Option('--json', 'machine-readable output, one JSON object per line');

program
  .command('serve')
  .description('the workbench in a browser: forms, live charts, comparisons, the mask inspector')
  .option(
    '--host <address>',
    'address to listen on; other than loopback only on a network you trust',
    '127.0.0.1',
  )
  .option('--port <number>', 'port to listen on; default: any free one', port, 0)
  .option('--allow-host <name>', 'another name under which browsers reach it; can be repeated', collect, [])
  .option('--no-open', 'do not open a browser')
  .addOption(workspace)
  // The other commands start faster without the workbench's host.
  .action(async (options: ServeOptions) => (await import('./serve.ts')).serve(options));

program
  .command('train')
  .description('train a network; every setting of the model, data set and method is a flag')
  .option('-c, --config <file>', 'a JSON config; flags override it')
  .option('-p, --preset <id>', 'a recipe with a known result, such as ml-linbreg, rigl-0.10, sgd')
  .option('--model <id>', 'see filigree models')
  .option('--dataset <id>', 'see filigree datasets')
  .option('--method <id>', 'see filigree methods')
  .option('--name <text>', 'a name for the run')
  .option('--no-download', 'never fetch data from the network')
  .option('-q, --quiet', 'no progress display')
  .addOption(workspace)
  .addOption(json)
  .allowUnknownOption()
  .allowExcessArguments()
  .addHelpText('after', ({ command }) => `\nSettings:\n\n${trainHelp(command.opts<TrainOptions>())}`)
  .action(async (options: TrainOptions, command: Command) => {
    process.exitCode = await train(options, command.args);
  });

program
  .command('resume <run>')
  .description('continue a stopped, failed or lost run, bit for bit')
  .option('--no-download', 'never fetch data from the network')
  .option('-q, --quiet', 'no progress display')
  .addOption(workspace)
  .addOption(json)
  .action(async (run: string, options: TrainOptions) => {
    process.exitCode = await resume(run, options);
  });

program
  .command('runs')
  .description('list runs, newest first')
  .option('-n, --limit <count>', 'how many', (text) => positiveInteger('--limit', text), 20)
  .option('--state <state>', 'only runs in this state')
  .addOption(workspace)
  .addOption(json)
  .action(listRuns);

program
  .command('show <run>')
  .description('summary, per-layer table and curves of a run (an id, the end of one, or "last")')
  .addOption(workspace)
  .addOption(json)
  .action(showRun);

const exportCommand = program
  .command('export <run>')
  .description('write the trained network to a file, and verify it by reading it back and running it')
  .addOption(
    new Option('-f, --format <format>', 'the file format')
      .choices(exporters.map((e) => e.id))
      .makeOptionMandatory(),
  )
  .option('-o, --output <file>', 'where to; default: the run and the format')
  .option('--overwrite', 'replace existing files')
  .addOption(workspace)
  .addOption(json)
  .addHelpText('after', ({ command }) => {
    const help = command.createHelp();
    const list = exporters.map(
      ({ id, summary }) => `  ${id}\n${help.boxWrap(summary, 74).replace(/^/gm, '      ')}`,
    );
    return `\nFormats:\n${list.join('\n')}`;
  })
  .action(exportRun);
for (const { id, summary } of transforms)
  exportCommand.option(`--${id}`, lowerFirst(summary).replace(/\.$/, ''));

program
  .command('card <run>')
  .description('the model card: what the network is, how it was trained, how to load each export of it')
  .addOption(workspace)
  .addOption(json)
  .action(printCard);

program
  .command('inference <run>')
  .description(
    'latency, throughput and size of the trained network: sparse, dense, and dense in ONNX Runtime',
  )
  .addOption(workspace)
  .addOption(json)
  .action(async (run: string, options) => (await import('./inference.ts')).inference(run, options));

program
  .command('report <run> [file]')
  .description('one self-contained HTML file about a run, to be shown to others')
  .option('--overwrite', 'replace an existing file')
  .addOption(workspace)
  .addOption(json)
  .action(report);

program
  .command('archive <run> [file]')
  .description('everything that is stored of a run in one file, for another workspace')
  .option('--overwrite', 'replace an existing file')
  .addOption(workspace)
  .addOption(json)
  .action(archive);

program
  .command('import <file>')
  .description('check an archive and add its run; all of it or nothing')
  .addOption(workspace)
  .addOption(json)
  .action(importArchive);

program
  .command('bench')
  .description('step time of a network on this machine, dense and at several sparsities')
  .option('--model <id>', 'see filigree models', 'mlp')
  .option('--dataset <id>', 'gives input shape and classes', 'fashion-mnist-mini')
  .option('--batch <size>', 'batch size', (text) => positiveInteger('--batch', text), 128)
  .option('--threads <count>', 'threads; 0 is every core', (text) => nonNegativeInteger('--threads', text), 0)
  .addOption(workspace)
  .addOption(json)
  .action(bench);

program
  .command('backends [id]')
  .description('list engines: what runs here, what can be installed, how fast each is for a network')
  .option(
    '--measure',
    'time a training step on each engine that is made for speed, or on the one that is named',
  )
  .option('--model <id>', 'see filigree models', 'mlp')
  .option('--dataset <id>', 'gives input shape and classes', 'fashion-mnist-mini')
  .option('--batch <size>', 'batch size', (text) => positiveInteger('--batch', text), 128)
  .option('--sparsity <share>', 'of every weight, 0 to below 1', sparsity, 0.95)
  .option('--threads <count>', 'threads; 0 is every core', (text) => nonNegativeInteger('--threads', text), 0)
  .addOption(workspace)
  .addOption(json)
  .action(backends);

program
  .command('setup <engine>')
  .description('install an engine that does not come with Filigree: tensorflow, webgpu')
  .option('--gpu', 'with what an NVIDIA GPU needs (tensorflow)')
  .option('--from <folder>', 'take the libraries from a folder instead of fetching them (tensorflow)')
  .option('--remove', 'undo it')
  .action(setUpEngine);

for (const what of ['methods', 'models', 'datasets'] satisfies Listed[]) {
  program
    .command(`${what} [id]`)
    .description(`list ${what}, or one with all its settings`)
    .addOption(json)
    .action((id: string | undefined, options: { json?: boolean }) => list(what, id, options.json ?? false));
}

program
  .command('quickstart')
  .description(
    'train a sparse and a dense network on the embedded images and compare them, in under a minute',
  )
  .addOption(workspace)
  .addOption(json)
  .action(async (options: { workspace?: string; json?: boolean }) => {
    process.exitCode = await quickstart(options);
  });

function lowerFirst(text: string): string {
  return text[0].toLowerCase() + text.slice(1);
}

function port(text: string): number {
  const value = nonNegativeInteger('--port', text);
  if (value > 65_535) throw new UserError('bad-flag', `--port: ${text} is above 65535`, '--port');
  return value;
}

function sparsity(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value < 1)) {
    throw new UserError('bad-flag', `--sparsity: "${text}" is not a number from 0 to below 1`, '--sparsity');
  }
  return value;
}

function collect(text: string, before: string[]): string[] {
  return [...before, text];
}

function positiveInteger(flag: string, text: string): number {
  const value = nonNegativeInteger(flag, text);
  if (value === 0) throw new UserError('bad-flag', `${flag}: 0 is not a positive whole number`, flag);
  return value;
}

function nonNegativeInteger(flag: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new UserError('bad-flag', `${flag}: "${text}" is not a whole number`, flag);
  return Number(text);
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  note(`filigree: ${error.message}`);
  process.exitCode = exitCodes.usage;
}

// A closed pipe (`filigree runs | head`) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
