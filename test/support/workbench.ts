import { onTestFinished } from 'vitest';
import type { ShellServices } from '../../main/app/context.ts';
import type { EventName, Events } from '../../shared/contract.ts';
import { openTestHost, removeWorkspace, temporaryWorkspace, type TestHost } from './host.ts';

export interface Workbench extends TestHost {
  /** Everything of one kind that the host has said so far. */
  said<E extends EventName>(event: E): Events[E][];
}

/** A real host on a workspace of its own, opened for one test and closed with it. */
export function openWorkbench(shell: ShellServices = { kind: 'browser' }): Workbench {
  const host = openTestHost(temporaryWorkspace(), shell);
  onTestFinished(async () => {
    await host.close();
    removeWorkspace(host.workspace);
  });
  return {
    ...host,
    said: (event) => host.seen.filter((one) => one.event === event).map(({ payload }) => payload as never),
  };
}

/** Trains a small run to its end. @returns its id */
export async function trainRun(workbench: Workbench, config: Record<string, unknown> = {}): Promise<string> {
  const { id } = await workbench.call('runs.create', {
    config: {
      model: { id: 'mlp', widths: [32] },
      dataset: 'two-moons',
      method: { id: 'rigl', density: 0.3 },
      training: { epochs: 2, batchSize: 32 },
      ...config,
    },
  });
  await until(() => ['finished', 'failed'].includes(workbench.store.getRun(id).state));
  return id;
}

/** Waits for something to become true, at most 30 s. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`never came true: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
