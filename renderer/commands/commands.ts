import { onScopeDispose, ref, shallowRef, triggerRef } from 'vue';

export interface CommandHandler {
  run(): unknown;
  /** Left out: always. */
  enabled?: () => boolean;
}

/** Who carries out a command now; the newest one that is enabled, so that a dialog goes before its view. */
const handlers = shallowRef(new Map<string, CommandHandler[]>());

/** Offers a command of `shared/commands.ts` while the calling component (or effect scope) lives. */
export function useCommand(id: string, handler: CommandHandler): void {
  handlers.value.set(id, [...(handlers.value.get(id) ?? []), handler]);
  triggerRef(handlers);
  onScopeDispose(() => {
    handlers.value.set(
      id,
      handlers.value.get(id)!.filter((other) => other !== handler),
    );
    triggerRef(handlers);
  });
}

/** Whether the host is away: what acts on runs then rests, so that no key press is carried out minutes later. */
export const hostAway = ref(false);

const needsHost = (id: string): boolean => /^(run|edit)\./.test(id) && id !== 'run.new';

function handlerOf(id: string): CommandHandler | undefined {
  if (hostAway.value && needsHost(id)) return undefined;
  return handlers.value.get(id)?.findLast(({ enabled }) => enabled?.() ?? true);
}

/** Whether somebody would carry the command out; reactive. */
export function isEnabled(id: string): boolean {
  return handlerOf(id) !== undefined;
}

/** @returns whether somebody carried it out */
export function runCommand(id: string): boolean {
  const handler = handlerOf(id);
  handler?.run();
  return handler !== undefined;
}
