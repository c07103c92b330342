import { readFileSync } from 'node:fs';

/** Reads `test/golden/<name>.json`. */
export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8')) as T;
}
