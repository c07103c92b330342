/**
 * Seeded pseudo-random numbers whose whole state can be stored in a checkpoint.
 * xoshiro128** 1.1 (Blackman and Vigna), seeded by splitmix32; the same seed gives the same stream everywhere.
 */
export class Random {
  readonly #s = new Uint32Array(4);
  #spare: number | undefined;

  /** @param stream separates independent uses of one seed ('init', 'shuffle', 'topology' ...) */
  constructor(seed: number, stream = '') {
    let h = (seed ^ Math.imul(Math.floor(seed / 4294967296), 0x85ebca6b)) >>> 0;
    for (const ch of stream) h = Math.imul(h ^ ch.codePointAt(0)!, 0x01000193) >>> 0;
    for (let i = 0; i < 4; i++) {
      h = (h + 0x9e3779b9) >>> 0;
      let z = h;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      this.#s[i] = (z ^ (z >>> 15)) >>> 0;
    }
  }

  /** A uniform 32-bit unsigned integer. */
  uint32(): number {
    const s = this.#s;
    const x = Math.imul(s[1], 5);
    const result = Math.imul((x << 7) | (x >>> 25), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = (s[3] << 11) | (s[3] >>> 21);
    return result;
  }

  /** Uniform in [0, 1) with 53 random bits. */
  uniform(): number {
    return ((this.uint32() >>> 5) * 67108864 + (this.uint32() >>> 6)) / 9007199254740992;
  }

  /** A uniform integer in [0, n), without modulo bias. */
  below(n: number): number {
    const limit = 4294967296 - (4294967296 % n);
    for (;;) {
      const x = this.uint32();
      if (x < limit) return x % n;
    }
  }

  /** Standard normal (Box-Muller, both values used). */
  normal(): number {
    if (this.#spare !== undefined) {
      const z = this.#spare;
      this.#spare = undefined;
      return z;
    }
    const r = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = r * Math.sin(angle);
    return r * Math.cos(angle);
  }

  /** Fisher-Yates, in place. */
  shuffle<T extends Int32Array | Uint32Array | unknown[]>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const t = items[i];
      items[i] = items[j];
      items[j] = t;
    }
    return items;
  }

  /** The whole state as JSON, for a checkpoint. */
  save(): { s: number[]; spare: number | null } {
    return { s: [...this.#s], spare: this.#spare ?? null };
  }

  restore(saved: { s: number[]; spare: number | null }): void {
    this.#s.set(saved.s);
    this.#spare = saved.spare ?? undefined;
  }
}
