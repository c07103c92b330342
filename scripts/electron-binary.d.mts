/** The path of an installed Electron binary of the locked version; undefined if there is none. */
export function findElectron(env?: NodeJS.ProcessEnv): string | undefined;

/** Why a desktop window cannot be opened on this machine, in words; undefined if it can. */
export function whyNoWindow(
  process?: Pick<NodeJS.Process, 'env' | 'platform' | 'getuid'>,
): string | undefined;

/** Electron's binary, downloaded if it is not here and its mirror answers within 4 s; a failure counts for a day. */
export function ensureElectron(options?: {
  /** Tries again although a failure is remembered. */
  retry?: boolean;
  mirror?: string;
  /** Where a failure is remembered. */
  memory?: string;
}): Promise<{ path: string } | { reason: string }>;
