import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** The process that drives a run, told apart from a later one that happens to get its number. */
export interface Owner {
  host: string;
  pid: number;
  /** When the process started, in the kernel's ticks since boot, and which boot; absent outside Linux. */
  started?: string;
}

/** A heartbeat older than this means that the owner is gone, where it cannot be asked directly. */
const staleMs = 30_000;

export const thisProcess: Owner = { host: hostname(), pid: process.pid, started: startOf(process.pid) };

export function isGone(owner: Owner, heartbeatMs: number, nowMs: number): boolean {
  const stale = nowMs - heartbeatMs > staleMs;
  if (owner.host !== thisProcess.host) return stale;
  if (!exists(owner.pid)) return true;
  // A suspended computer stops heartbeats, so the same process counts as alive however old they are.
  return owner.started === undefined ? stale : startOf(owner.pid) !== owner.started;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function startOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // The second field is the program's name in parentheses and may hold spaces; the 22nd is the start time.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' ? undefined : `${boot}/${fields[19]}`;
  } catch {
    return undefined;
  }
}
