import { computed, reactive, ref, watch } from 'vue';
import type { EngineInfo, EngineTimes } from '../../../shared/engine-info.ts';
import type { Task } from '../../../shared/task.ts';
import { useHost } from '../../host/client.ts';
import { useTasks } from '../../stores/tasks.ts';
import { useWorkbench } from '../../stores/workbench.ts';
import { confirm } from '../../ui/confirm.ts';
import { standardNetworks } from './standard-networks.ts';

/** The engines of the host: how fast each is for a network, and setting up those that are installed on demand. */
export function useEngines() {
  const host = useHost();
  const workbench = useWorkbench();
  const tasks = useTasks();
  const network = ref<string>(standardNetworks[0].value);
  const sparsity = ref('0.95');
  const error = ref<unknown>();
  const measuring = ref<string>();
  /** By engine, network and sparsity. */
  const measured = reactive(new Map<string, EngineTimes>());
  /** Ids of tasks that install, by engine. */
  const installs = reactive(new Map<string, string>());

  const keyOf = (id: string) =>
    `${id} ${network.value} ${sparsity.value} ${workbench.settings!.engine.threads}`;
  const timesOf = (id: string) => measured.get(keyOf(id));
  const installOf = (id: string): Task | undefined => tasks.tasks.get(installs.get(id) ?? '');
  const isBusy = computed(() => measuring.value !== undefined);

  async function attempt(work: () => Promise<void>): Promise<void> {
    error.value = undefined;
    try {
      await work();
    } catch (reason) {
      error.value = reason;
    }
  }

  const measure = ({ id }: EngineInfo) =>
    attempt(async () => {
      const {
        value: model,
        dataset,
        batchSize,
      } = standardNetworks.find(({ value }) => value === network.value)!;
      const key = keyOf(id);
      measuring.value = id;
      try {
        const { threads } = workbench.settings!.engine;
        const density = Number((1 - Number(sparsity.value)).toFixed(2));
        measured.set(
          key,
          await host.call('engines.measure', { backend: id, threads, model, dataset, batchSize, density }),
        );
      } finally {
        measuring.value = undefined;
      }
    });

  const install = ({ id }: EngineInfo) =>
    attempt(async () => void installs.set(id, (await host.call('engines.install', { id })).taskId));

  const remove = ({ id, title, setUp }: EngineInfo) =>
    attempt(async () => {
      const text = `Its files in ${setUp!.folder} are deleted. It can be set up again.`;
      if (!(await confirm({ title: `Remove ${title}?`, text, action: 'Remove', danger: true }))) return;
      await host.call('engines.remove', { id });
      await workbench.reloadEngines();
    });

  // An installation that has ended, however, changes what the engines say.
  watch(
    () => [...installs.keys()].filter((id) => installOf(id) && installOf(id)!.state !== 'running'),
    async (ended) => {
      if (ended.length === 0) return;
      const failed = ended.map((id) => installOf(id)!).find(({ state }) => state === 'failed');
      for (const id of ended) installs.delete(id);
      await attempt(workbench.reloadEngines);
      if (failed) error.value = new Error(failed.message);
    },
  );

  const cancel = (task: Task) => attempt(async () => void (await tasks.cancel(task.id)));

  return {
    network,
    sparsity,
    error,
    measuring,
    isBusy,
    timesOf,
    installOf,
    measure,
    install,
    remove,
    cancel,
  };
}
