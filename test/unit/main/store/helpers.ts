import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { Frame, ScalarFrame } from '../../../../shared/frames.ts';
import type { RunConfig } from '../../../../shared/run.ts';
import type { NewRun, RunStore } from '../../../../main/store/run-store.ts';

/** A folder of its own for each test of a file. */
export function useFolder(): { readonly path: string; join(name: string): string } {
  let path = '';
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'filigree-store-'));
  });
  afterEach(() => rmSync(path, { recursive: true, force: true }));
  return {
    get path() {
      return path;
    },
    join: (name) => join(path, name),
  };
}

export function newRun(change: { name?: string; method?: string; lambda?: number } = {}): NewRun {
  const config = {
    version: 1,
    name: change.name ?? 'a run',
    model: { id: 'mlp', values: { widths: [300, 100] } },
    dataset: { id: 'mnist', values: {} },
    method: { id: change.method ?? 'rigl', values: { lambda: change.lambda ?? 0.1, nesterov: true } },
    training: { seed: 3 },
    schedule: {},
    augmentation: {},
    engine: {},
  } as unknown as RunConfig;
  return { config, configHash: 'abc', seed: 3, environment: { version: '0.1.0' } };
}

export function startedRun(store: RunStore): string {
  const id = store.createRun(newRun());
  for (const state of ['queued', 'starting', 'running'] as const) store.setState(id, state);
  return id;
}

/** Points (step, step / 10, 10 · step) for every step from `from` to before `to`. */
export function scalars(
  key: string,
  from: number,
  to: number,
  value = (step: number) => step / 10,
): ScalarFrame {
  const steps = Float64Array.from({ length: to - from }, (_, i) => from + i);
  return {
    type: 'scalars',
    series: [{ key, steps, values: steps.map(value), wallMs: steps.map((s) => s * 10) }],
  };
}

export function mask(step: number, baseStep?: number): Frame {
  const layer = {
    name: 'fc1',
    rows: 2,
    columns: 4,
    nnz: 3,
    encoding: baseStep === undefined ? 'key' : 'delta',
  };
  const base = baseStep === undefined ? {} : { baseStep };
  return { type: 'topology', step, layers: [{ ...layer, ...base, data: Uint8Array.of(step, 255) }] };
}

export function event(step: number, text = `at ${step}`): Frame {
  return { type: 'event', step, level: 'info', kind: 'note', text };
}

export function checkpoint(step: number): Frame {
  return { type: 'checkpoint', step, file: `checkpoint-${step}`, bytes: 10, sha256: 'f'.repeat(64) };
}
