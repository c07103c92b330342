import { createPinia, setActivePinia } from 'pinia';
import { createApp, ref } from 'vue';
import type { Calls, CallName, EventName, Events, Input, Output } from '../../../../shared/contract.ts';
import type { Catalog } from '../../../../shared/catalog.ts';
import { defaultSettings } from '../../../../shared/settings.ts';
import { hostKey, type HostClient, type HostStatus } from '../../../../renderer/host/client.ts';
import { useWorkbench } from '../../../../renderer/stores/workbench.ts';

type Answers = { [N in keyof Calls]?: (input: Input<N>) => Output<N> | Promise<Output<N>> };

/** A host that answers from a table, remembers what it was asked, and says what a test lets it say. */
export function fakeHost(answers: Answers) {
  const asked: { name: CallName; input: unknown }[] = [];
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  const client: HostClient = {
    status: ref<HostStatus>('open'),
    async call(name, input) {
      asked.push({ name, input });
      const answer = answers[name];
      if (!answer) throw new Error(`the test has no answer to ${name}`);
      return answer(input as never) as never;
    },
    on(event, listener) {
      const known = listeners.get(event) ?? new Set();
      listeners.set(event, known.add(listener));
      return () => void known.delete(listener);
    },
  };
  return {
    client,
    /** Inputs of all calls of this name, in order. */
    inputs: <N extends CallName>(name: N) =>
      asked.filter((call) => call.name === name).map(({ input }) => input as Input<N>),
    say<E extends EventName>(event: E, payload: Events[E]): void {
      for (const listener of listeners.get(event) ?? []) listener(payload as never);
    },
  };
}

/** Stores over a fake host, the workbench loaded with a catalog; what components under test are mounted with. */
export function workbenchOf(host: ReturnType<typeof fakeHost>, catalog: Catalog) {
  const pinia = createPinia();
  // Stores inject the host from the application that has the pinia.
  createApp({}).provide(hostKey, host.client).use(pinia);
  setActivePinia(pinia);
  const workbench = useWorkbench();
  workbench.catalog = catalog;
  workbench.settings = defaultSettings;
  workbench.info = {
    version: '0.0.0',
    shell: 'browser',
    host: 'test',
    platform: 'linux-x64',
    cores: 2,
    memoryBytes: 2 ** 33,
    workspace: '/workspace',
    warnings: [],
  };
  return { plugins: [pinia], provide: { [hostKey as symbol]: host.client } };
}
