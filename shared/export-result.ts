/** An export and its self-check. */
export interface ExportResult {
  format: string;
  path: string;
  /** File name without its folder. */
  file: string;
  bytes: number;
  /** Bytes of all parameters stored densely in float32. */
  denseBytes: number;
  nnz: number;
  weights: number;
  density: number;
  sha256: string;
  /** The file was read back and every tensor had the same name, shape and bits. */
  verified: true;
  /** Loads the file; ready to paste. */
  snippet: { language: string; code: string };
  /** In the browser shell: a path on the same origin that downloads the file, once, within ten minutes. */
  downloadUrl: string | undefined;
}
