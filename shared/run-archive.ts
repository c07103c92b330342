/** What a browser may send, and how much of it in one message (the socket takes up to 1 MiB). */
export const uploadLimits = { bytes: 0xffff_fffe, chunkBytes: 512 * 1024 } as const;

/** A file about a run that was written: an archive or a report. */
export interface RunFile {
  path: string;
  /** File name without its folder. */
  file: string;
  bytes: number;
  /** In the browser shell: a path on the same origin that downloads the file, once, within ten minutes. */
  downloadUrl: string | undefined;
}

export interface ImportResult {
  /** The run in this workspace. */
  id: string;
  name: string;
  /**
   * - imported: it is new here and has its own id; - copied: its id was taken by other content, so it has a new one;
   * - known: this content is here already and nothing was written; - restored: as known, and it was in the trash
   */
  outcome: 'imported' | 'copied' | 'known' | 'restored';
}
