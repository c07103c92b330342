import { UserError } from '../../shared/errors.ts';
import { isLive, type RunState } from '../../shared/run-state.ts';
import type { RunStore } from '../store/run-store.ts';
import type { RunFeed } from './run-feed.ts';

const pollMs = 2000;

/**
 * Follows runs that other processes change in the same workspace (the command line): their rows are sent on, and one
 * whose process went away becomes `lost`.
 */
export class ForeignRuns {
  readonly #store: RunStore;
  readonly #feed: RunFeed;
  readonly #isOurs: (id: string) => boolean;
  readonly #onChange: () => void;
  readonly #timer: NodeJS.Timeout;
  #version: number;
  #states: Map<string, RunState>;

  /**
   * @param isOurs trained by this process
   * @param onChange is called after others have changed something
   */
  constructor(store: RunStore, feed: RunFeed, isOurs: (id: string) => boolean, onChange: () => void) {
    this.#store = store;
    this.#feed = feed;
    this.#isOurs = isOurs;
    this.#onChange = onChange;
    this.#version = store.foreignVersion();
    this.#states = store.runStates();
    this.#timer = setInterval(() => {
      try {
        this.poll();
      } catch (error) {
        // A database that is busy or full for a moment: the next poll tries again.
        if (!(error instanceof UserError)) throw error;
      }
    }, pollMs).unref();
  }

  poll(): void {
    const lost = this.#store.markOrphans();
    const version = this.#store.foreignVersion();
    if (version === this.#version && lost.length === 0) return;
    this.#version = version;
    const before = this.#states;
    this.#states = this.#store.runStates();
    const changed = [...this.#states].filter(
      ([id, state]) => before.get(id) !== state || (isLive(state) && !this.#isOurs(id)),
    );
    this.#feed.changed(changed.map(([id]) => id));
    this.#feed.removed([...before.keys()].filter((id) => !this.#states.has(id)));
    this.#onChange();
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
