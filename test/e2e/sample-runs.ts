import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { noEngines } from '../support/no-engines.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs the real command line from source in a workspace. @throws Error with its output unless it succeeds */
export async function filigree(workspace: string, ...args: string[]): Promise<string> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', 'main/cli/index.ts', ...args],
    {
      cwd: root,
      env: { ...process.env, ...noEngines, FILIGREE_HOME: workspace },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr.on('data', (text: Buffer) => (output += text.toString()));
  const code = await new Promise((resolve) => child.on('exit', resolve));
  if (code !== 0) throw new Error(`filigree ${args.join(' ')} ended with ${String(code)}:\n${output}`);
  return output;
}

/** A small study on the embedded images: several methods and densities, a multilevel run, a convolutional network. */
export async function trainSampleRuns(workspace: string): Promise<void> {
  const train = (...args: string[]) => filigree(workspace, 'train', '--quiet', ...args);
  const mlp = ['--model', 'mlp', '--widths', '200,80', '--epochs', '12', '--batch-size', '64'];
  for (const density of ['0.02', '0.05', '0.1', '0.2']) {
    for (const method of ['rigl', 'set', 'static']) {
      await train(
        '--method',
        method,
        '--density',
        density,
        '--name',
        `${method} at density ${density}`,
        ...mlp,
      );
    }
  }
  for (const lambda of ['0.005', '0.01', '0.02']) {
    await train('--preset', 'quickstart', '--lambda', lambda, '--name', `ML-LinBreg, λ = ${lambda}`);
  }
  await train('--preset', 'quickstart-dense', '--name', 'Dense SGD');
  await train('--method', 'gmp', '--name', 'Gradual pruning to 90 %', ...mlp);
  const convnet = ['--model', 'convnet', '--epochs', '3', '--batch-size', '64'];
  await train('--method', 'rigl', '--density', '0.1', '--name', 'ConvNet, RigL', ...convnet);
}
