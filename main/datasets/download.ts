import { constants, existsSync, statSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UserError } from '../../shared/errors.ts';

/** Connections that break are resumed this often per mirror before the next one is tried. */
const attemptsPerMirror = 3;
/** A server that sends nothing for this long counts as a broken connection, milliseconds. */
const stallTimeoutMs = 30_000;

export interface DownloadRequest {
  /** File name, for messages and progress. */
  name: string;
  /** The same file on several servers, tried in order. */
  urls: readonly string[];
  target: string;
  /** Decides on the complete bytes whether this is the expected file. */
  isGenuine(bytes: Buffer): Promise<boolean>;
  /** Bytes that are here, and all of them where the server says how many. */
  onBytes?(received: number, total: number | undefined): void;
}

/**
 * Fetches one file. It grows as `<target>.part`, so that an interrupted download resumes where it stopped, and takes
 * its name only when complete and genuine.
 * @throws UserError `download-failed` with each mirror's problem and where to put the file by hand;
 *   the signal's reason when aborted
 */
export async function download(request: DownloadRequest, signal?: AbortSignal): Promise<void> {
  const problems: string[] = [];
  for (const url of request.urls) {
    for (let attempt = 1; attempt <= attemptsPerMirror; attempt++) {
      // There already, or another run that fetches the same file was faster and took the part.
      if (existsSync(request.target)) return;
      const problem = await fetchOnce(request, url, signal).catch((error: Error) => ({
        text: reasonOf(error),
        retry: true,
      }));
      signal?.throwIfAborted();
      if (!problem) return;
      if (!problem.retry || attempt === attemptsPerMirror) {
        problems.push(`${url}: ${problem.text}`);
        break;
      }
    }
  }
  throw new UserError(
    'download-failed',
    `${request.name} could not be downloaded (${problems.join('; ')}). ` +
      `Without a network, put the file into ${dirname(request.target)} by hand`,
    'dataset.folder',
  );
}

/** `retry`: another attempt at the same server may succeed. */
interface Problem {
  text: string;
  retry: boolean;
}

async function fetchOnce(
  { target, isGenuine, onBytes }: DownloadRequest,
  url: string,
  signal: AbortSignal | undefined,
): Promise<Problem | undefined> {
  const part = `${target}.part`;
  const have = statSync(part, { throwIfNoEntry: false })?.size ?? 0;
  const stall = new AbortController();
  const watchdog = setTimeout(
    () => stall.abort(new Error(`no data for ${stallTimeoutMs / 1000} s`)),
    stallTimeoutMs,
  );
  const signals = [stall.signal, ...(signal ? [signal] : [])];
  try {
    const response = await fetch(url, {
      // `identity`: a server that compresses on the way would make byte positions meaningless.
      headers: { 'accept-encoding': 'identity', ...(have > 0 ? { range: `bytes=${have}-` } : {}) },
      signal: AbortSignal.any(signals),
    });
    // 416: the part is already as long as the file, or longer; its digest decides.
    if (response.status !== 416) {
      const resumed = response.status === 206;
      if (!response.ok || !response.body) {
        await response.body?.cancel();
        return { text: `the server answered ${response.status}`, retry: response.status >= 500 };
      }
      const start = resumed ? have : 0;
      const length = Number(response.headers.get('content-length') ?? NaN);
      const totalBytes = Number.isNaN(length) ? undefined : start + length;
      // Explicit positions and no truncation at the start: two runs that fetch the same file write the same bytes to
      // the same places and do not harm each other.
      const file = await open(part, constants.O_WRONLY | constants.O_CREAT);
      try {
        let position = start;
        for await (const chunk of response.body) {
          watchdog.refresh();
          position += (await file.write(chunk, 0, chunk.length, position)).bytesWritten;
          onBytes?.(position, totalBytes);
        }
        await file.truncate(position);
      } finally {
        await file.close();
      }
    }
  } finally {
    clearTimeout(watchdog);
  }
  if (await isGenuine(await readFile(part))) {
    await rename(part, target);
    return undefined;
  }
  // A part begun on another mirror or long ago may be what was wrong: only a fresh download speaks against the server.
  await rm(part, { force: true });
  return { text: 'the file is not the published one (its SHA-256 differs)', retry: have > 0 };
}

/** `fetch` hides the reason (unknown host, refused or broken connection) in the error's cause. */
function reasonOf(error: Error): string {
  const cause = error.cause as (Error & { code?: string }) | undefined;
  return cause?.message || cause?.code || error.message;
}
