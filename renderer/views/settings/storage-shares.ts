import type { StorageUsage } from '../../../shared/storage-usage.ts';

/** A segment of the storage bar. */
export interface StorageShare {
  label: string;
  bytes: number;
  /** Of the whole workspace, 0..1. */
  share: number;
  color: string;
}

/**
 * What is kept first, the database and the files of runs, then the parts that can be cleaned up, in their order;
 * empty parts keep their colour.
 */
export function storageShares({ databaseBytes, total, parts }: StorageUsage): StorageShare[] {
  const removable = parts.reduce((sum, part) => sum + part.bytes, 0);
  const all = [
    { label: 'Runs and their curves', bytes: databaseBytes },
    { label: 'Files of runs', bytes: Math.max(0, total - databaseBytes - removable) },
    ...parts,
  ];
  const sum = all.reduce((bytes, part) => bytes + part.bytes, 0);
  return all.map(({ label, bytes }, i) => ({
    label,
    bytes,
    share: sum > 0 ? bytes / sum : 0,
    color: `var(--run-${(i % 8) + 1})`,
  }));
}
