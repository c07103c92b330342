import { version } from '../app/provenance.ts';
import { loadNative } from '../backends/native/index.ts';
import { openWorkspace } from '../app/workspace.ts';
import { print } from './output.ts';

/** What `filigree` without a command shows: what this is, what runs here, and the next command to type. */
export function welcome(): void {
  const native = loadNative();
  print(
    [
      `Filigree ${version}: train sparse neural networks on kernels that make sparsity fast.`,
      '',
      `engine     ${native.ok ? native.backend.describe() : `TypeScript reference, slow: ${native.reason}`}`,
      `workspace  ${openWorkspace().root}`,
      '',
      'npm start                                           the workbench, in a window or in your browser',
      'npm run quickstart                                  a sparse and a dense network on real images, under a minute',
      'npm run filigree -- train --preset ml-linbreg       the paper’s method on full Fashion-MNIST',
      'npm run filigree -- train --method rigl --density 0.1',
      'npm run filigree -- methods                         every method; add an id for its settings',
      'npm run filigree -- runs                            what you have trained',
      'npm run filigree -- --help                          every command',
    ].join('\n'),
  );
}
