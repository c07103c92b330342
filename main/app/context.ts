import type { UpdateState } from '../../shared/updates.ts';
import type { RunStore } from '../store/run-store.ts';
import type { EventBus } from './events.ts';
import type { RunQueue } from './queue.ts';
import type { RunService } from './runs.ts';
import type { SettingsFile } from './settings-file.ts';
import type { TaskRunner } from './tasks.ts';
import type { Workspace } from './workspace.ts';

/** What only a shell can do. */
export interface ShellServices {
  kind: 'desktop' | 'browser';
  /** The system's folder dialog. */
  chooseFolder?(): Promise<string | undefined>;
  /** Shows a file in the system's file manager. */
  reveal?(path: string): void;
  /** A path on the shell's own origin from which a browser can download the file, once. */
  offerDownload?(path: string): string;
  /** Newer versions of the program that the shell is. */
  updates?: UpdateService;
}

/** Looks for newer versions and fetches them, neither unasked. */
export interface UpdateService {
  get(): UpdateState;
  check(): Promise<UpdateState>;
  download(): Promise<UpdateState>;
}

/** What handlers work with. */
export interface HostContext {
  workspace: Workspace;
  store: RunStore;
  runs: RunService;
  queue: RunQueue;
  events: EventBus;
  settings: SettingsFile;
  tasks: TaskRunner;
  /** Whether a run trains now, which slows down whatever is measured beside it. */
  isTraining(): boolean;
  shell: ShellServices;
  /** What the user should know from the start, collected while the workspace was opened. */
  warnings: readonly string[];
}
