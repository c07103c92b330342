/** The path of an installed Chromium, Chrome or Edge; undefined if there is none. */
export function findBrowser(): string | undefined;

/** Finds a browser or installs one; undefined after saying why there is none. */
export function ensureBrowser(): string | undefined;
