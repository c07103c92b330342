import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineInfo } from '../../shared/engine-info.ts';
import { writeFileAtomic } from '../store/atomic-write.ts';
import type { MeasuredSteps, StepRequest } from './jobs/steps.ts';
import type { Workspace } from './workspace.ts';

/** Measurements that a workspace remembers; the oldest make way. */
const most = 500;

interface Stored {
  version: 1;
  /** Oldest first. */
  times: { key: string; steps: MeasuredSteps }[];
}

/** Step times that were measured on this machine, in a file of the workspace. */
export class StepTimeStore {
  readonly #file: string;

  constructor({ root }: Pick<Workspace, 'root'>) {
    this.#file = join(root, 'step-times.json');
  }

  find(engine: EngineInfo, request: StepRequest): MeasuredSteps | undefined {
    const key = keyOf(engine, request);
    return this.#read().times.findLast((one) => one.key === key)?.steps;
  }

  async remember(engine: EngineInfo, request: StepRequest, steps: MeasuredSteps): Promise<void> {
    const key = keyOf(engine, request);
    const others = this.#read().times.filter((one) => one.key !== key);
    const stored: Stored = { version: 1, times: [...others, { key, steps }].slice(-most) };
    await writeFileAtomic(this.#file, Buffer.from(JSON.stringify(stored)));
  }

  /** Read anew each time: the command line and a window may write to the same workspace. */
  #read(): Stored {
    try {
      const stored = JSON.parse(readFileSync(this.#file, 'utf8')) as Stored;
      if (stored.version === 1 && Array.isArray(stored.times)) return stored;
    } catch {
      // None yet, or damaged: it can be measured again.
    }
    return { version: 1, times: [] };
  }
}

/** A measurement holds for one version of an engine on one device, and for steps of the very same shapes. */
const keyOf = ({ detail, device, versions }: EngineInfo, request: StepRequest) =>
  createHash('sha256')
    .update(JSON.stringify([detail, device?.name, device?.memoryBytes, versions, request]))
    .digest('hex');
