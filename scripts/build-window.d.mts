/** Builds the window and the desktop shell into out/ if their sources changed. */
export function ensureWindow(): Promise<void>;
