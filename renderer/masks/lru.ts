/** Keeps what was used last, up to a total cost (bytes, or a number of items). */
export class LruCache<V> {
  readonly #limit: number;
  readonly #evicted: (value: V) => void;
  readonly #items = new Map<string, { value: V; cost: number }>();
  #total = 0;

  /** @param evicted is told of every value that leaves, to release what it holds */
  constructor(limit: number, evicted: (value: V) => void = () => undefined) {
    this.#limit = limit;
    this.#evicted = evicted;
  }

  get(key: string): V | undefined {
    const item = this.#items.get(key);
    if (!item) return undefined;
    // A Map iterates in insertion order: the first key is the one not used for the longest time.
    this.#items.delete(key);
    this.#items.set(key, item);
    return item.value;
  }

  /** The newest item stays even if it is above the limit on its own. */
  set(key: string, value: V, cost = 1): void {
    this.delete(key);
    this.#items.set(key, { value, cost });
    this.#total += cost;
    for (const oldest of this.#items.keys()) {
      if (this.#total <= this.#limit || oldest === key) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const item = this.#items.get(key);
    if (!item) return;
    this.#items.delete(key);
    this.#total -= item.cost;
    this.#evicted(item.value);
  }

  /** Removes every key for which `test` holds. */
  deleteWhere(test: (key: string) => boolean): void {
    for (const key of [...this.#items.keys()]) if (test(key)) this.delete(key);
  }

  get size(): number {
    return this.#items.size;
  }
}

/** The cached result of `build`, or a new one; a failed one is not kept. */
export function remember<V>(
  cache: LruCache<Promise<V>>,
  key: string,
  build: () => Promise<V>,
  cost: (value: V) => number,
): Promise<V> {
  const known = cache.get(key);
  if (known) return known;
  const built = build();
  cache.set(key, built, 0);
  built.then(
    (value) => cache.get(key) === built && cache.set(key, built, cost(value)),
    () => cache.get(key) === built && cache.delete(key),
  );
  return built;
}
