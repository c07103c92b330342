import { ref } from 'vue';
import type { Answer, CallName, EventName } from '../../shared/contract.ts';
import { UserError } from '../../shared/errors.ts';
import type { HostClient } from './client.ts';

/** What the desktop shell's preload script exposes: two functions and nothing else. */
export interface Bridge {
  call(name: CallName, input: unknown): Promise<Answer<CallName>>;
  on(event: EventName, listener: (payload: never) => void): () => void;
}

declare global {
  interface Window {
    filigree?: Bridge;
  }
}

export function bridgeClient(bridge: Bridge): HostClient {
  return {
    status: ref('open'),
    async call(name, input) {
      const answer = await bridge.call(name, input);
      if (answer.ok) return answer.value as never;
      throw new UserError(answer.error.code, answer.error.message, answer.error.field);
    },
    on: (event, listener) => bridge.on(event, listener as (payload: never) => void),
  };
}
