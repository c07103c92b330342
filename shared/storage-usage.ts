export type CleanUpKind = 'trash' | 'checkpoints' | 'exports' | 'downloads' | 'backups';

/** What the workspace holds on disk, bytes. */
export interface StorageUsage {
  workspace: string;
  freeBytes: number;
  databaseBytes: number;
  total: number;
  parts: {
    kind: CleanUpKind;
    label: string;
    /** What cleaning it up means. */
    explanation: string;
    bytes: number;
    items: number;
  }[];
}
