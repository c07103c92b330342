import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { findBrowser } from '../../../../scripts/browser.mjs';
import { adoptImport, archiveRun, stageImport } from '../../../../main/app/run-archive.ts';
import { createBaseline } from '../../../../main/app/baselines.ts';
import { keepInference, readInference } from '../../../../main/app/inference-result.ts';
import { writeReport } from '../../../../main/app/run-report.ts';
import { RunService } from '../../../../main/app/runs.ts';
import { RunStore } from '../../../../main/store/run-store.ts';
import type { InferenceReport } from '../../../../shared/inference-report.ts';
import { launchChromium } from '../../../support/chromium.ts';
import { removeWorkspace, temporaryWorkspace } from '../../../support/host.ts';

const browser = findBrowser();
if (!browser) console.warn('no browser is here: reports are not opened in one');

const config = {
  name: 'a <b>report</b> & "more"',
  model: { id: 'mlp', widths: [32] },
  dataset: 'two-moons',
  method: 'ml-linbreg',
  training: { epochs: 2, batchSize: 32 },
  engine: { backend: 'native' },
};

/** A workspace with a finished run and its random-mask baseline. */
async function trained() {
  const workspace = temporaryWorkspace();
  const store = RunStore.open(workspace.database, { onWarning: () => {} });
  onTestFinished(() => {
    store.close();
    removeWorkspace(workspace);
  });
  const runs = new RunService(store, workspace);
  const train = async (raw: object, parentRunId?: string) => {
    const { id } = await runs.create(raw, { parentRunId });
    expect((await runs.start(id, { allowDownload: false }).done).state).toBe('finished');
    return id;
  };
  const id = await train(config);
  await train(createBaseline(store, id, 'random-mask'), id);
  return { workspace, store, id };
}

const measured: InferenceReport = {
  ...{ measuredMs: 1, threads: 2, step: 62, density: 0.3, missing: 'ONNX Runtime is not available here' },
  machine: { cpu: 'a CPU', cores: 2, platform: 'linux-x64' },
  candidates: [
    {
      ...{ id: 'native-sparse', title: 'Filigree, sparse', engine: 'kernels', bytes: 100, storage: 'rows' },
      timings: [{ batch: 1, p50Ms: 0.5, p95Ms: 1, samplesPerSecond: 2000, calls: 10 }],
    },
  ],
  agreement: { pairs: [], largestLogit: 3, samples: 128 },
};

test('a report shows curves, masks, numbers, baselines, inference and the command, and needs nothing else', async () => {
  const { workspace, store, id } = await trained();
  store.setNotes(id, '<script>document.title = "owned"</script>');
  await keepInference(store, id, measured);
  const path = join(workspace.root, 'exports', 'report.html');
  const honest = {
    flops: { run: 1e9, dense: 4e9 },
    time: { run: 0.1, dense: 0.3, denseSource: 'measured' },
    bytes: { run: 10, dense: 100 },
  };
  await writeReport({ workspace: workspace.root, id, path, honest });
  const page = readFileSync(path, 'utf8');
  for (const title of [
    'Curves',
    'Three honest numbers',
    'Baselines',
    'Masks',
    'Layers',
    'Inference',
    'Configuration',
    'Environment',
    'How to reproduce',
  ]) {
    expect(page).toContain(`<h2>${title}</h2>`);
  }
  expect(page).toContain('random mask, equal density');
  expect(page.match(/<svg /g)!.length).toBe(4);
  // Two layers at three moments.
  expect(page.match(/class="mask"/g)!.length).toBe(6);
  expect(page).toContain('filigree train --method ml-linbreg --model mlp --dataset two-moons');
  expect(page).toContain('--model.widths=32');
  expect(page).toContain('a &lt;b&gt;report&lt;/b&gt; &amp; &quot;more&quot;');
  if (!browser) return;
  const chromium = await launchChromium();
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      const tab = await chromium.newPage({ colorScheme });
      const problems: string[] = [];
      tab.on('console', (message) => problems.push(message.text()));
      tab.on('request', (request) => !/^(file|data):/.test(request.url()) && problems.push(request.url()));
      await tab.goto(pathToFileURL(path).href);
      expect(await tab.title()).toBe('a <b>report</b> & "more" · Filigree');
      expect(
        await tab.evaluate('[...document.images].every((image) => image.complete && image.naturalWidth > 0)'),
      ).toBe(true);
      // Nothing is wider than the page.
      expect(await tab.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      expect(problems).toEqual([]);
    }
  } finally {
    await chromium.close();
  }
});

test('a measurement travels with the archive of its run; one that is no measurement is left alone', async () => {
  const { workspace, store, id } = await trained();
  await keepInference(store, id, measured);
  const path = join(workspace.root, 'run.filigree');
  await archiveRun({ workspace: workspace.root, id, path }, () => {});
  const there = temporaryWorkspace();
  const other = RunStore.open(there.database, { onWarning: () => {} });
  await adoptImport(other, await stageImport({ path, workspace: there.root }, () => {}));
  expect(await readInference(other, id)).toEqual(measured);
  for (const text of ['{"candidates": []}', 'no JSON']) {
    await other.artifacts.put(
      id,
      { role: 'measurement', name: 'inference.json', media: 'application/json' },
      Buffer.from(text),
    );
    expect(await readInference(other, id)).toBeUndefined();
  }
  other.close();
  removeWorkspace(there);
});

test('a report of a run that has not begun says what there is, and keeps the file that was there if it fails', async () => {
  const workspace = temporaryWorkspace();
  const store = RunStore.open(workspace.database, { onWarning: () => {} });
  const { id } = await new RunService(store, workspace).create(config);
  store.close();
  const path = join(workspace.root, 'early.html');
  await writeReport({ workspace: workspace.root, id, path, honest: undefined });
  const page = readFileSync(path, 'utf8');
  expect(page).toContain('queued');
  expect(page).not.toContain('<svg');
  expect(page).not.toContain('NaN');
  writeFileSync(path, 'precious');
  await expect(
    writeReport({ workspace: workspace.root, id: '0'.repeat(26), path, honest: undefined }),
  ).rejects.toMatchObject({ code: 'unknown-run' });
  expect(readFileSync(path, 'utf8')).toBe('precious');
  removeWorkspace(workspace);
});
