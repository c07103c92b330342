import type { RunStore } from '../store/run-store.ts';
import type { EventBus } from './events.ts';

/** How often the row of a run that trains is sent, milliseconds. */
const feedMs = 1000;

/** Tells the windows which rows changed: changes of state at once, progress at most once a second. */
export class RunFeed {
  readonly #store: RunStore;
  readonly #events: EventBus;
  readonly #due = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(store: RunStore, events: EventBus) {
    this.#store = store;
    this.#events = events;
  }

  /** For progress: the row goes out with the next second's. */
  progressed(id: string): void {
    this.#due.add(id);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.changed([...this.#due]);
    }, feedMs).unref();
  }

  /** Sends the rows now. */
  changed(ids: readonly string[]): void {
    for (const id of ids) this.#due.delete(id);
    if (ids.length > 0) this.#events.emit('runs.changed', { rows: this.#store.listRows(ids), removed: [] });
  }

  /** They are in the trash, or gone for good. */
  removed(ids: readonly string[]): void {
    for (const id of ids) this.#due.delete(id);
    if (ids.length > 0) this.#events.emit('runs.changed', { rows: [], removed: [...ids] });
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
