import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stageArchive } from '../../../../main/archive/stage.ts';
import { describeRun } from '../../../../main/app/run-detail.ts';
import { describeReport } from '../../../../main/app/run-report.ts';
import { adoptImport, archiveRun, stageImport } from '../../../../main/app/run-archive.ts';
import { RunService } from '../../../../main/app/runs.ts';
import { renderReport } from '../../../../main/report/report.ts';
import { RunStore } from '../../../../main/store/run-store.ts';
import { UserError } from '../../../../shared/errors.ts';
import { Random } from '../../../../shared/random.ts';
import { decodeSafetensors, encodeSafetensors, type Tensor } from '../../../../shared/safetensors.ts';
import { removeWorkspace, temporaryWorkspace } from '../../../support/host.ts';
import { changed, fingerprint, json, rawZip, sign, unpack, type Files } from '../../../support/archives.ts';

const folder = mkdtempSync(join(tmpdir(), 'filigree-hostile-'));
const path = join(folder, 'hostile.filigree');
const target = temporaryWorkspace();
let whole: Buffer;
let files: Files;

beforeAll(async () => {
  const source = temporaryWorkspace();
  const store = RunStore.open(source.database, { onWarning: () => {} });
  const runs = new RunService(store, source);
  const { id } = await runs.create({
    model: { id: 'mlp', widths: [32] },
    dataset: 'two-moons',
    method: 'ml-linbreg',
    training: { epochs: 2, batchSize: 32 },
    engine: { backend: 'native' },
  });
  expect((await runs.start(id, { allowDownload: false }).done).state).toBe('finished');
  await store.artifacts.put(id, { role: 'log', name: 'a.txt', media: 'text/plain' }, Buffer.from('kept'));
  await archiveRun({ workspace: source.root, id, path }, () => {});
  whole = readFileSync(path);
  files = unpack(whole);
  store.close();
  removeWorkspace(source);
  RunStore.open(target.database).close({ backUp: false });
});
afterAll(() => {
  removeWorkspace(target);
  rmSync(folder, { recursive: true });
});

async function refused(bytes: Uint8Array): Promise<UserError> {
  writeFileSync(path, bytes);
  const before = fingerprint(target.root);
  const error = await stageArchive(path, target.root).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(fingerprint(target.root), 'something was written').toEqual(before);
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
}

const run = (change: (run: Record<string, unknown>) => void) => sign(changed(files, { 'run.json': change }));
const config = (change: (config: Record<string, never>) => void) =>
  sign(changed(files, { 'config.json': change }));
const without = (name: string) => Object.fromEntries(Object.entries(files).filter(([key]) => key !== name));
const checkpointName = () => Object.keys(files).find((name) => name.startsWith('checkpoints/'))!;

/** A safetensors part with its tensors and metadata changed. */
function tensors(
  name: string,
  change: (tensors: Tensor[], metadata: Record<string, string>) => void,
): Buffer {
  const decoded = decodeSafetensors(files[name]);
  change(decoded.tensors, decoded.metadata);
  return sign({ ...files, [name]: encodeSafetensors(decoded.tensors, decoded.metadata) });
}

/** A checkpoint that was changed, and the run told of its new hash. */
async function checkpoint(
  change: (tensors: Tensor[], metadata: Record<string, string>) => void,
): Promise<Buffer> {
  const { createHash } = await import('node:crypto');
  const name = checkpointName();
  const decoded = decodeSafetensors(files[name]);
  change(decoded.tensors, decoded.metadata);
  const bytes = encodeSafetensors(decoded.tensors, decoded.metadata);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const step = Number(/(\d+)\.safetensors$/.exec(name)![1]);
  const told = changed(files, {
    'run.json': (value: { checkpoints: { step: number; bytes: number; sha256: string }[] }) => {
      Object.assign(
        value.checkpoints.find((one) => one.step === step)!,
        { bytes: bytes.length, sha256 },
      );
    },
  });
  return sign({ ...told, [name]: bytes });
}

describe('refused by name, with nothing written', () => {
  test('the same archive, signed again, is fine', async () => {
    writeFileSync(path, sign(files));
    const staged = await stageArchive(path, target.root);
    rmSync(join(target.root, 'imports'), { recursive: true });
    expect(staged.id).toBe(json(files, 'run.json').id);
  });

  test.each<[string, () => Buffer, RegExp]>([
    ['an unknown version', () => sign(files, { version: 2 }), /version 2, this Filigree reads up to 1/],
    ['another format', () => sign(files, { format: 'other' }), /does not say that it is the archive/],
    ['no version', () => sign(files, { version: 'one' }), /manifest\.json · version/],
    ['fields that are not known', () => sign(files, { more: 1 }), /manifest\.json/],
    ['no manifest', () => rawZip([{ name: 'run.json', data: files['run.json'] }]), /no manifest\.json/],
    [
      'a manifest that is no JSON',
      () => rawZip([{ name: 'manifest.json', data: Buffer.from('{') }]),
      /not JSON/,
    ],
    [
      'a manifest that is a list',
      () => rawZip([{ name: 'manifest.json', data: Buffer.from('[]') }]),
      /does not say/,
    ],
    [
      'a file that is not listed',
      () =>
        rawZip(
          [...Object.entries(files), ['more.bin', Buffer.from('x')] as const].map(([name, data]) => ({
            name,
            data,
          })),
        ),
      /does not list more\.bin/,
    ],
    [
      'a file that is not there',
      () => sign(without('events.json'), { files: json(files, 'manifest.json').files }),
      /lists events\.json, which is not in it/,
    ],
    [
      'a wrong hash',
      () =>
        sign(files, {
          files: json(files, 'manifest.json').files.map((file: object) => ({
            ...file,
            sha256: '0'.repeat(64),
          })),
        }),
      /run\.json is damaged: its SHA-256/,
    ],
    [
      'a wrong size',
      () =>
        sign(files, {
          files: json(files, 'manifest.json').files.map((file: object) => ({ ...file, bytes: 7 })),
        }),
      /has \d+ bytes, not the 7/,
    ],
    [
      'a part that no run has',
      () => sign({ ...files, 'more.bin': Buffer.from('x') }),
      /more\.bin belongs to no part/,
    ],
    ['no run', () => sign(without('run.json')), /no run\.json/],
    ['no curves', () => sign(without('metrics.safetensors')), /no metrics\.safetensors/],
    ['another run in the manifest', () => sign(files, { run: '0'.repeat(26) }), /manifest\.json of 0{26}/],
    [
      'an id that is a path',
      () => run((r) => (r.id = '../../../../etc/passwd.......')),
      /run\.json · id: not a run id/,
    ],
    ['a live state', () => run((r) => (r.state = 'running')), /run\.json · state/],
    ['a name that is a number', () => run((r) => (r.name = 7)), /run\.json · name/],
    ['a time that is a text', () => run((r) => (r.createdMs = 'now')), /run\.json · createdMs/],
    [
      'layers that are a text',
      () => run((r) => Object.assign(r.environment as object, { layers: 'fc1' })),
      /run\.json · environment · layers/,
    ],
    [
      'a summary of texts',
      () => run((r) => Object.assign((r.summary as { values: object }).values, { density: 'high' })),
      /run\.json · summary · values · density/,
    ],
    [
      'another hash of the config',
      () => run((r) => (r.configHash = '0'.repeat(64))),
      /not the config whose SHA-256 is/,
    ],
    [
      'a config of no known model',
      () => config((c) => Object.assign(c.model, { id: 'gpt' })),
      /config\.json · .*gpt/,
    ],
    [
      'a setting out of range',
      () => config((c) => Object.assign(c.training, { batchSize: -1 })),
      /config\.json · training\.batchSize/,
    ],
    [
      'a config without training',
      () => config((c) => Reflect.deleteProperty(c, 'training')),
      /config\.json · training/,
    ],
    [
      'an event of no level',
      () =>
        sign({
          ...files,
          'events.json': Buffer.from('[{"timeMs":1,"step":1,"level":"fatal","kind":"a","text":"b"}]'),
        }),
      /events\.json · 0 · level/,
    ],
    ['events that are no list', () => sign({ ...files, 'events.json': Buffer.from('{}') }), /events\.json/],
    [
      'values shorter than steps',
      () =>
        tensors('metrics.safetensors', (all) =>
          Object.assign(
            all.find(({ name }) => name === 'train/loss/values')!,
            { data: new Float64Array(1), shape: [1] },
          ),
        ),
      /train\/loss has \d+ steps, 1 values/,
    ],
    [
      'a curve without steps',
      () =>
        tensors('metrics.safetensors', (all) =>
          all.splice(
            all.findIndex(({ name }) => name === 'density/steps'),
            1,
          ),
        ),
      /density lacks/,
    ],
    [
      'steps that go back',
      () =>
        tensors('metrics.safetensors', (all) =>
          all.find(({ name }) => name === 'train/loss/steps')!.data.reverse(),
        ),
      /train\/loss has step \d+ after \d+/,
    ],
    [
      'times that are not finite',
      () =>
        tensors('metrics.safetensors', (all) =>
          all.find(({ name }) => name === 'train/loss/wallMs')!.data.fill(NaN as never),
        ),
      /time that is not finite/,
    ],
    [
      'curves of another type',
      () =>
        tensors('metrics.safetensors', (all) =>
          all.push({ name: 'a/values', dtype: 'F32', shape: [1], data: new Float32Array(1) }),
        ),
      /a\/values of type F32/,
    ],
    [
      'curves that are no safetensors',
      () => sign({ ...files, 'metrics.safetensors': Buffer.alloc(50, 255) }),
      /metrics\.safetensors/,
    ],
    [
      'a mask with other ones than it says',
      () =>
        tensors(
          'masks.safetensors',
          (_, meta) => (meta.snapshots = meta.snapshots.replace(/"nnz":\d+/, '"nnz":1')),
        ),
      /mask of .* has \d+ ones, not 1/,
    ],
    [
      'a mask that would take 17 GB',
      () =>
        tensors(
          'masks.safetensors',
          (_, meta) =>
            (meta.snapshots = meta.snapshots.replace(
              /"rows":\d+,"columns":\d+/,
              '"rows":131072,"columns":131072',
            )),
        ),
      /more than can be read/,
    ],
    [
      'a mask whose base is not there',
      () =>
        tensors(
          'masks.safetensors',
          (_, meta) => (meta.snapshots = meta.snapshots.replace(/"encoding":"\w+"/, '$&,"baseStep":999')),
        ),
      /refers to step 999|snapshots/,
    ],
    [
      'a mask of another shape than its layer',
      () => run((r) => ((r.environment as { layers: { shape: number[] }[] }).layers[0].shape = [1, 2])),
      /does not fit the network/,
    ],
    [
      'masks without a list',
      () => tensors('masks.safetensors', (_, meta) => Reflect.deleteProperty(meta, 'snapshots')),
      /masks\.safetensors/,
    ],
    [
      'an artifact with another hash',
      () => run((r) => ((r.artifacts as { sha256: string }[])[0].sha256 = '0'.repeat(64))),
      /artifacts\/0{64} has another hash/,
    ],
    ['a checkpoint that the run does not know', () => run((r) => (r.checkpoints = [])), /belongs to no part/],
    [
      'a checkpoint with another hash',
      () =>
        run((r) => (r.checkpoints as { sha256: string }[]).forEach((one) => (one.sha256 = '0'.repeat(64)))),
      /not the file that run\.json tells of/,
    ],
    [
      'starting weights that the config does not name',
      () => sign({ ...files, 'initial.safetensors': files[checkpointName()] }),
      /initial\.safetensors is not what/,
    ],
    [
      '2 GB of curves',
      () =>
        rawZip([
          { name: 'manifest.json', data: files['manifest.json'] },
          {
            name: 'metrics.safetensors',
            data: Buffer.alloc(10),
            bytes: 2 ** 31,
            compressedBytes: deflateRawSync(Buffer.alloc(10)).length,
          },
        ]),
      /declares 2147483648 bytes/,
    ],
    [
      'JSON as deep as the stack',
      () => sign({ ...files, 'config.json': Buffer.from('['.repeat(500_000) + ']'.repeat(500_000)) }),
      /config\.json/,
    ],
  ])('%s', async (_, make, message) => {
    const error = await refused(make());
    expect(['bad-archive', 'newer-archive']).toContain(error.code);
    expect(error.message).toMatch(message);
    expect(error.message).toContain('Nothing was imported');
  });

  test.each<[string, (tensors: Tensor[], metadata: Record<string, string>) => void, RegExp]>([
    [
      'of another config',
      (_, meta) => (meta.progress = meta.progress.replace(/"configHash":"\w{4}/, '"configHash":"0000')),
      /of another run or step/,
    ],
    [
      'of another network',
      (_, meta) => (meta.graph = meta.graph.replace('"outputs":32', '"outputs":33')),
      /not the one of the config/,
    ],
    ['that is no checkpoint', (_, meta) => (meta.format = 'pt'), /not a checkpoint of Filigree/],
    [
      'without a weight',
      (all) =>
        all.splice(
          all.findIndex(({ name }) => name === 'value/fc1.weight'),
          1,
        ),
      /value\/fc1\.weight is missing/,
    ],
    [
      'with a weight of another shape',
      (all) =>
        Object.assign(
          all.find(({ name }) => name === 'value/fc1.bias')!,
          { shape: [4], data: new Float32Array(4) },
        ),
      /value\/fc1\.bias has shape 4 instead of 32/,
    ],
    [
      'with a tensor of no network',
      (all) => all.push({ name: 'gradient/fc1.bias', dtype: 'F32', shape: [32], data: new Float32Array(32) }),
      /no part of its network/,
    ],
    [
      'with a mask of floats',
      (all) =>
        Object.assign(
          all.find(({ name }) => name === 'mask/fc1.weight')!,
          { dtype: 'F32', data: new Float32Array(64) },
        ),
      /has type F32/,
    ],
  ])('a checkpoint %s', async (_, change, message) => {
    const error = await refused(await checkpoint(change));
    expect(error).toMatchObject({ code: 'bad-archive', message: expect.stringMatching(message) });
  });

  test('an archive cut off at every fiftieth of it', async () => {
    for (let part = 0; part < 50; part++) {
      const error = await refused(whole.subarray(0, Math.floor((whole.length * part) / 50)));
      expect(error.code, `${part}/50`).toBe('bad-archive');
    }
  });
});

/** Without folders, which stay when a run is deleted. */
const filesOf = (root: string) =>
  Object.entries(fingerprint(root)).flatMap(([name, content]) => (content ? name : []));

/** Either nothing happens and it says why, or the whole run is there and everything that reads it works. */
async function importsWholeOrNot(bytes: Uint8Array): Promise<boolean> {
  writeFileSync(path, bytes);
  const store = RunStore.open(target.database, { onWarning: () => {} });
  try {
    const staged = await stageImport({ path, workspace: target.root }, () => {}).catch((error: unknown) => {
      if (error instanceof UserError) return undefined;
      throw error;
    });
    if (!staged) return false;
    const { id } = await adoptImport(store, staged);
    describeRun(store, target, id);
    renderReport(await describeReport(store, target, id, undefined));
    store.moveToTrash([id]);
    store.deleteRuns([id], { dryRun: false });
    return true;
  } finally {
    store.close({ backUp: false });
  }
}

describe('fuzzed', () => {
  test('two thousand archives with flipped bits', async () => {
    const random = new Random(1, 'bits');
    const before = filesOf(target.root);
    let imported = 0;
    for (let i = 0; i < 2000; i++) {
      const bytes = Buffer.from(whole);
      for (let flips = 1 + random.below(3); flips > 0; flips--) {
        bytes[random.below(bytes.length)] ^= 1 << random.below(8);
      }
      if (await importsWholeOrNot(bytes)) imported++;
    }
    // Times and versions in the headers say nothing about the content.
    expect(imported).toBeLessThan(200);
    expect(filesOf(target.root)).toEqual(before);
  }, 300_000);

  test('four hundred archives whose content was changed and signed again', async () => {
    const random = new Random(2, 'content');
    const names = Object.keys(files).filter((name) => name !== 'manifest.json');
    for (let i = 0; i < 400; i++) {
      const name = names[random.below(names.length)];
      const bytes = Buffer.from(files[name]);
      if (bytes.length === 0) continue;
      for (let flips = 1 + random.below(4); flips > 0; flips--) {
        // Headers are at the beginning.
        const at = random.below(random.below(2) ? bytes.length : Math.min(bytes.length, 400));
        bytes[at] = random.below(2) ? bytes[at] ^ (1 << random.below(8)) : 0x30 + random.below(10);
      }
      await importsWholeOrNot(sign({ ...files, [name]: bytes }));
    }
  }, 300_000);
});
