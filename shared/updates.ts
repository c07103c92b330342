/** What is known of newer versions of the application. Nothing is downloaded before the user says so. */
export type UpdateState =
  /** This installation does not update itself; `reason` is a sentence for the user. */
  | { state: 'unsupported'; reason: string }
  | { state: 'unknown' | 'checking' | 'current' }
  | { state: 'available'; version: string }
  /** `fraction` of the download, 0 to 1. */
  | { state: 'downloading'; version: string; fraction: number }
  /** Installed when the application quits. */
  | { state: 'ready'; version: string }
  | { state: 'failed'; reason: string };
