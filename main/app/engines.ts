import type { EngineInfo } from '../../shared/engine-info.ts';
import { show, UserError } from '../../shared/errors.ts';
import type { Choice, EngineId } from '../../shared/run.ts';
import type { Engine } from '../backends/engine.ts';
import { engineById, engines } from '../backends/registry.ts';
import type { Shape } from '../models/graph.ts';
import { probeGraph } from '../training/probe.ts';
import type { TaskRunner } from './tasks.ts';

/** Longest wait for an engine to load, milliseconds: graphics drivers compile their shaders the first time. */
const examineMs = 90_000;
/** Which layers a model has does not depend on its data. */
const anyShape: Shape = [3, 32, 32];

/**
 * Variables that a process must be started with to compute on an engine.
 * @param model what it computes, where that is known
 */
export function environmentOf(
  id: EngineId,
  threads: number,
  model?: Choice,
): Readonly<Record<string, string>> {
  return engineById(id).environment?.(threads, model && probeGraph(model, anyShape, 10)) ?? {};
}

/** Whether an engine came with the product or was installed; whether it works is another question. */
export const isPresent = ({ setUp }: Engine) => setUp?.isInstalled() ?? true;

/**
 * Every engine, and whether it runs here. Each is tried in a helper process, once until it is installed or removed.
 * @throws UserError `cancelled` while the host closes
 */
export async function listEngines(tasks: TaskRunner): Promise<EngineInfo[]> {
  // Those that want the same variables share a process, one after the other.
  const groups = Map.groupBy(engines, ({ id }) => JSON.stringify(environmentOf(id, 0)));
  const infos = new Map<EngineId, EngineInfo>();
  await Promise.all(
    [...groups.values()].map(async (group) => {
      for (const engine of group) infos.set(engine.id, await describeEngine(engine, tasks));
    }),
  );
  return engines.map(({ id }) => infos.get(id)!);
}

async function describeEngine(engine: Engine, tasks: TaskRunner): Promise<EngineInfo> {
  const { id, title, strength, setUp } = engine;
  const known = {
    ...{ id, title, strength },
    ...(setUp && {
      setUp: {
        installed: setUp.isInstalled(),
        folder: setUp.folder(),
        command: setUp.command,
        size: setUp.size,
      },
    }),
  };
  const missing = { available: false, versions: {}, maxThreads: 1 };
  if (!isPresent(engine)) return { ...known, ...missing, detail: `not installed: run ${setUp!.command}` };
  const options = { environment: environmentOf(id, 0), timeoutMs: examineMs };
  const found = await tasks.known('examineEngine', { id }, options).catch((error: UserError) => {
    if (error.code === 'cancelled') throw error;
    return { ...missing, detail: error.message };
  });
  return { ...known, ...found };
}

/** Installs an engine as a task with progress. @returns the task's id; `task.changed` tells how it ended */
export function installEngine(tasks: TaskRunner, id: EngineId): { taskId: string; done: Promise<string> } {
  const { title } = removable(id);
  const task = tasks.track({ kind: 'install', title: `Setting up ${title}` }, (options) =>
    tasks.run('installEngine', { id }, options),
  );
  return { taskId: task.id, done: task.done.finally(() => tasks.forget('examineEngine', { id })) };
}

export async function removeEngine(tasks: TaskRunner, id: EngineId): Promise<void> {
  await removable(id).setUp.remove();
  tasks.forget('examineEngine', { id });
}

/** @throws UserError `not-installable` for an engine that comes with the product */
function removable(id: EngineId) {
  const { title, setUp } = engineById(id);
  if (setUp) return { title, setUp };
  const others = engines.filter((engine) => engine.setUp).map((engine) => engine.id);
  throw new UserError(
    'not-installable',
    `id: ${show(id)} comes with Filigree; engines that are installed on demand: ${others.join(', ') || 'none here'}`,
    'id',
  );
}
