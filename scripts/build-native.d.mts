/** Builds the native addon unless it is up to date; `env` is where CXX and PATH are read. `reason` is a sentence. */
export function buildNative(options?: {
  quiet?: boolean;
  env?: Record<string, string | undefined>;
}): Promise<{ ok: true; path: string } | { ok: false; reason: string }>;

/** The object files of the addon, up to date. */
export function nativeObjects(): Promise<string[]>;
