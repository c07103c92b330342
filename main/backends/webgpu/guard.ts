import type { Backend, Network } from '../backend.ts';
import { deviceLost } from '../device-lost.ts';

/**
 * A backend whose networks fail with `device-lost` as soon as their device is lost, even in the middle of a call:
 * what waits for a lost GPU may wait forever, and what it computes is nothing.
 */
export function guarded(backend: Backend, lost: Promise<string>): Backend {
  let reason: string | undefined;
  const waiting = new Set<(error: Error) => void>();
  void lost.then((why) => {
    reason = why;
    for (const reject of waiting) reject(deviceLost(why));
  });

  /** Not `Promise.race` against `lost`: that would remember every call until the device is lost. */
  const unlessLost = <T>(work: Promise<T>) =>
    new Promise<T>((resolve, reject) => {
      waiting.add(reject);
      const fail = (error: unknown) => reject(reason === undefined ? error : deviceLost(reason));
      work
        .then((value) => (reason === undefined ? resolve(value) : fail(undefined)), fail)
        .finally(() => waiting.delete(reject));
    });

  const guard = (network: Network): Network =>
    new Proxy(network, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          const answer: unknown = value.apply(target, args);
          return answer instanceof Promise ? unlessLost(answer) : answer;
        };
      },
    });
  return { ...backend, compile: async (...of) => guard(await unlessLost(backend.compile(...of))) };
}
