import { isFast, type EngineInfo, type EngineTimes } from '../../shared/engine-info.ts';
import { show, UserError } from '../../shared/errors.ts';
import { engineIds, type EngineId } from '../../shared/run.ts';
import { listEngines } from '../app/engines.ts';
import { measureEngine, type StandardNetwork } from '../app/step-times.ts';
import { engineById, engines } from '../backends/registry.ts';
import { note, print, printJson } from './output.ts';
import { openSession } from './session.ts';

export interface BackendsOptions extends Omit<StandardNetwork, 'batchSize' | 'density'> {
  batch: number;
  sparsity: number;
  threads: number;
  measure?: boolean;
  workspace?: string;
  json?: boolean;
}

/**
 * `filigree backends [id]`: every engine as it is here, with `--measure` the time of a training step of a network,
 * sparse and dense, on those that are made for speed; an engine that is named is measured in any case.
 */
export async function backends(id: string | undefined, options: BackendsOptions): Promise<void> {
  const { model, dataset, batch: batchSize, sparsity, threads, measure, json } = options;
  const wanted = id === undefined ? undefined : known(id);
  const session = openSession(options.workspace);
  try {
    const infos = await listEngines(session.tasks);
    // Not 0.050000000000000044, which would be another measurement than that of 0.05.
    const density = Number((1 - sparsity).toPrecision(9));
    const network = { model, dataset, batchSize, density };
    if (measure && !json) {
      note(
        `${model} on ${dataset}, batch ${batchSize}, at ${(100 * sparsity).toFixed(0)} % sparsity and dense`,
      );
    }
    for (const info of wanted ? infos.filter((one) => one.id === wanted) : infos) {
      const isMeasured = measure && info.available && (wanted !== undefined || isFast(info));
      const context = { ...session, isTraining: () => false };
      const times = isMeasured ? await measureEngine(context, info.id, threads, network) : undefined;
      if (json) printJson({ ...info, ...(times && { times }) });
      else print(describe(info, times));
    }
  } finally {
    session.close();
  }
}

const width = Math.max(...engineIds.map((id) => id.length)) + 2;

function describe(info: EngineInfo, times: EngineTimes | undefined): string {
  const { id, title, available, detail, device, versions, strength, setUp } = info;
  const memory = device?.memoryBytes ? `, ${(device.memoryBytes / 2 ** 30).toFixed(0)} GiB` : '';
  const rows = [
    [available ? 'runs here' : 'not here', detail],
    ['good for', strength],
    ...(device ? [['device', [`${device.name}${memory}`, ...device.notes].join('; ')]] : []),
    ...versionRows(versions),
    ...(setUp?.installed ? [['folder', setUp.folder]] : []),
    ...(setUp && !setUp.installed ? [['size', setUp.size]] : []),
    ...(times
      ? [['step', `${ms(times.run.stepMs)} (${times.run.label}), ${ms(times.dense.stepMs)} (dense)`]]
      : []),
  ];
  const indent = ' '.repeat(width);
  return [
    `${id.padEnd(width)}${title}`,
    ...rows.map(([name, text]) => `${indent}${name.padEnd(11)}${text}`),
  ].join('\n');
}

const versionRows = (versions: EngineInfo['versions']) =>
  Object.keys(versions).length === 0
    ? []
    : [
        [
          'versions',
          Object.entries(versions)
            .map(([name, version]) => `${name} ${version}`)
            .join(', '),
        ],
      ];

const ms = (time: number) => `${time.toPrecision(3)} ms`;

export interface SetUpOptions {
  remove?: boolean;
  gpu?: boolean;
  from?: string;
}

/** `filigree setup <engine>`: installs an engine that does not come with Filigree, or removes it. */
export async function setUpEngine(id: string, { remove, gpu, from }: SetUpOptions): Promise<void> {
  const { title, setUp } = engineById(known(id));
  if (!setUp) {
    const others = engines.filter((engine) => engine.setUp).map((engine) => engine.id);
    throw new UserError('bad-flag', `${id} comes with Filigree; to be set up: ${others.join(', ')}`);
  }
  if (remove) {
    await setUp.remove();
    return print(`${title} removed from ${setUp.folder()}`);
  }
  let last = '';
  const onProgress = ({ text, fraction }: { text: string; fraction: number | undefined }) => {
    const percent = fraction === undefined ? '' : `, ${Math.floor(10 * fraction) * 10} %`;
    if (`${text}${percent}` !== last) note(`${text}${percent}`);
    last = `${text}${percent}`;
  };
  print(await setUp.install({ onProgress, gpu, from }));
}

function known(id: string): EngineId {
  const found = engineIds.find((one) => one === id);
  if (!found)
    throw new UserError('bad-flag', `${show(id)} is not an engine; there are ${engineIds.join(', ')}`);
  return found;
}
