import { presetById } from '../methods/presets.ts';
import type { RunResult } from '../app/active-run.ts';
import { duration, note, percent, print, printJson, quantity, table } from './output.ts';
import { openSession } from './session.ts';
import { attend, exitCodes } from './train.ts';

/**
 * `npm run quickstart`: ML-LinBreg and dense SGD on the same network and data, the embedded Fashion-MNIST subset,
 * and the three honest numbers of both side by side. Nothing is downloaded.
 * @returns the exit code
 */
export async function quickstart(options: { workspace?: string; json?: boolean }): Promise<number> {
  const session = openSession(options.workspace);
  try {
    const results: RunResult[] = [];
    for (const id of ['quickstart', 'quickstart-dense']) {
      const preset = presetById(id);
      const run = await session.runs.create(preset.config, { commandLine: 'filigree quickstart' });
      if (!options.json) note(`\n${preset.title} · run ${run.id}`);
      const result = await attend(
        (listener) => session.runs.start(run.id, { allowDownload: false }, listener),
        options,
      );
      if (result.state !== 'finished') {
        note(`run ${run.id} ${result.state}: ${result.reason ?? `continue with filigree resume ${run.id}`}`);
        return result.state === 'stopped' ? exitCodes.stopped : exitCodes.failed;
      }
      results.push(result);
    }
    const [sparse, dense] = results as (RunResult & { summary: Record<string, number> })[];
    if (options.json) printJson({ type: 'result', sparse, dense });
    else print(comparison(sparse.summary, dense.summary, sparse.id));
    return exitCodes.finished;
  } finally {
    session.close();
  }
}

function comparison(sparse: Record<string, number>, dense: Record<string, number>, id: string): string {
  const row = (label: string, write: (s: Record<string, number>) => string, ratio?: string) => [
    label,
    write(sparse),
    write(dense),
    ratio ?? '',
  ];
  const share = (key: string) => percent(sparse[key] / dense[key]);
  return [
    '',
    table(
      ['', 'ML-LinBreg', 'dense SGD', 'sparse / dense'],
      [
        row('test accuracy', (s) => percent(s['test/accuracy'], 2)),
        row('density', (s) => percent(s.density, 2)),
        row('training FLOPs', (s) => quantity(s['flops/train']), share('flops/train')),
        row('training time', (s) => duration(s['time/trainingMs']), share('time/trainingMs')),
        row('time per step', (s) => `${s['time/stepMs'].toFixed(3)} ms`, share('time/stepMs')),
      ],
    ),
    '',
    `The dense run is the same network, data and schedule on the same kernels in this run; npm run bench -- acceptance`,
    `compares with PyTorch. Look closer: npm run filigree -- show ${id.slice(-6)}`,
    `Export the sparse weights:          npm run filigree -- export ${id.slice(-6)} --format safetensors`,
  ].join('\n');
}
