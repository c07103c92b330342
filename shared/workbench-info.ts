/** Where this workbench runs and what it works with. */
export interface WorkbenchInfo {
  version: string;
  shell: 'desktop' | 'browser';
  /** The host's name, as a remote workbench shows it. */
  host: string;
  platform: string;
  cores: number;
  memoryBytes: number;
  /** The workspace folder. */
  workspace: string;
  /** Sentences that the user should know from the start, e.g. that the native kernels cannot run here. */
  warnings: string[];
}
