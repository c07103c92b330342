import { inferenceReportSchema, type InferenceReport } from '../../shared/inference-report.ts';
import type { RunStore } from '../store/run-store.ts';

/** Where a measurement is kept: an artifact of its run, so that archives take it along. */
const place = { role: 'measurement', name: 'inference.json', media: 'application/json' } as const;

/** What was measured last for a run; undefined if nothing was, or if an archive brought something else along. */
export async function readInference(store: RunStore, id: string): Promise<InferenceReport | undefined> {
  store.getRun(id);
  const found = store.artifacts.list(id).find(({ role, name }) => role === place.role && name === place.name);
  if (!found) return undefined;
  const text = Buffer.from(await store.artifacts.read(found.sha256)).toString();
  return inferenceReportSchema.safeParse(parseJson(text)).data;
}

/** Replaces what was measured before. */
export async function keepInference(store: RunStore, id: string, report: InferenceReport): Promise<void> {
  await store.artifacts.put(id, { ...place, step: report.step }, Buffer.from(JSON.stringify(report)));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
