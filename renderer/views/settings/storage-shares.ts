import type { StorageUsage } from '../../../shared/storage-usage.ts';

/** A segment of the storage bar. */
export interface StorageShare {
  label: string;
  bytes: number;
  /** Of the whole workspace, 0..1. */
  share: number;
  color: string;
}

/** The database first, then the parts that can be cleaned up, in their order; empty parts keep their colour. */
export function storageShares({ databaseBytes, parts }: StorageUsage): StorageShare[] {
  const all = [{ label: 'Runs and their curves', bytes: databaseBytes }, ...parts];
  const sum = all.reduce((total, part) => total + part.bytes, 0);
  return all.map(({ label, bytes }, i) => ({
    label,
    bytes,
    share: sum > 0 ? bytes / sum : 0,
    color: `var(--run-${(i % 8) + 1})`,
  }));
}
