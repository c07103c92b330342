import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallName, EventName, Events, Input, Output } from '../../shared/contract.ts';
import { UserError } from '../../shared/errors.ts';
import type { ShellServices } from '../../main/app/context.ts';
import { createHost, type Host } from '../../main/app/host.ts';
import { openWorkspace, type Workspace } from '../../main/app/workspace.ts';
import { noEngines } from './no-engines.ts';

// Of this process and of those that it starts.
Object.assign(process.env, noEngines);

export interface TestHost extends Host {
  workspace: Workspace;
  /** Every event since the start, in order. */
  seen: { event: EventName; payload: unknown }[];
  call<N extends CallName>(name: N, input: Input<N>): Promise<Output<N>>;
  /** Resolves with the first event, past or future, that fits. */
  when<E extends EventName>(event: E, fits: (payload: Events[E]) => boolean): Promise<Events[E]>;
  warnings: string[];
}

export const temporaryWorkspace = () => openWorkspace(mkdtempSync(join(tmpdir(), 'filigree-host-')));

export const removeWorkspace = ({ root }: Workspace) => rmSync(root, { recursive: true, force: true });

/** A real host with one window that remembers what it was told. */
export function openTestHost(workspace: Workspace, shell: ShellServices = { kind: 'browser' }): TestHost {
  const warnings: string[] = [];
  const host = createHost({
    workspace,
    shell,
    onWarning: (text) => warnings.push(text),
    onDefect(error) {
      throw error;
    },
  });
  const seen: TestHost['seen'] = [];
  const waiting = new Set<() => void>();
  const window = host.events.connect((event, payload) => {
    seen.push({ event, payload });
    for (const look of waiting) look();
  });
  return {
    ...host,
    workspace,
    warnings,
    seen,
    async call<N extends CallName>(name: N, input: Input<N>) {
      const answer = await host.dispatcher.dispatch(name, input, window);
      if (!answer.ok) throw new UserError(answer.error.code, answer.error.message, answer.error.field);
      return answer.value as Output<N>;
    },
    when<E extends EventName>(event: E, fits: (payload: Events[E]) => boolean) {
      return new Promise<Events[E]>((resolve) => {
        const look = () => {
          const found = seen.find((one) => one.event === event && fits(one.payload as Events[E]));
          if (!found) return;
          waiting.delete(look);
          resolve(found.payload as Events[E]);
        };
        waiting.add(look);
        look();
      });
    },
  };
}
