import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError, show } from '../../shared/errors.ts';
import { stagingFolder } from '../archive/stage.ts';
import { diskFull, isDiskFull } from '../store/atomic-write.ts';
import type { Workspace } from './workspace.ts';

/** At the same time. */
const mostUploads = 4;
/** One that is not gone on with for this long is forgotten. */
const idleMs = 60_000;

interface Upload {
  path: string;
  bytes: number;
  received: number;
  timer: NodeJS.Timeout;
}

/** Files that a window sends in pieces, one after the other, kept until they are taken. */
export class Uploads {
  readonly #folder: string;
  readonly #uploads = new Map<string, Upload>();

  constructor({ root }: Pick<Workspace, 'root'>) {
    this.#folder = stagingFolder(root);
  }

  /** @throws UserError `too-many-uploads` */
  async begin(bytes: number): Promise<string> {
    if (this.#uploads.size >= mostUploads) {
      throw new UserError(
        'too-many-uploads',
        `${mostUploads} files are being sent already; wait for one of them`,
      );
    }
    const id = randomBytes(24).toString('base64url');
    const path = join(this.#folder, `upload-${id}`);
    this.#uploads.set(id, { path, bytes, received: 0, timer: this.#expiry(id) });
    await mkdir(this.#folder, { recursive: true });
    await writeFile(path, '');
    return id;
  }

  /** @throws UserError `bad-upload` for a piece that does not follow the ones before, or is too much; `disk-full` */
  async add(id: string, offset: number, data: Uint8Array): Promise<void> {
    const upload = this.#get(id);
    const end = offset + data.length;
    if (offset !== upload.received || end > upload.bytes) {
      await this.#forget(id);
      const text = `offset: ${offset} to ${end} does not follow ${upload.received} of ${upload.bytes} bytes; send it again`;
      throw new UserError('bad-upload', text, 'offset');
    }
    clearTimeout(upload.timer);
    upload.received = end;
    try {
      await appendFile(upload.path, data);
    } catch (error) {
      await this.#forget(id);
      throw isDiskFull(error) ? diskFull(upload.path, error) : error;
    }
    upload.timer = this.#expiry(id);
  }

  /**
   * Gives a file that was sent whole to `use`; it is gone afterwards.
   * @throws UserError `bad-upload` if a part is missing
   */
  async take<T>(id: string, use: (path: string) => Promise<T>): Promise<T> {
    const { path, bytes, received, timer } = this.#get(id);
    clearTimeout(timer);
    try {
      if (received < bytes) {
        throw new UserError(
          'bad-upload',
          `upload: ${received} of ${bytes} bytes have arrived; send it again`,
          'upload',
        );
      }
      return await use(path);
    } finally {
      await this.#forget(id);
    }
  }

  #get(id: string): Upload {
    const upload = this.#uploads.get(id);
    if (upload) return upload;
    throw new UserError('bad-upload', `upload: ${show(id)} is not being sent, or took too long`, 'upload');
  }

  #expiry(id: string): NodeJS.Timeout {
    return setTimeout(() => void this.#forget(id), idleMs).unref();
  }

  async #forget(id: string): Promise<void> {
    const upload = this.#uploads.get(id);
    if (!upload) return;
    clearTimeout(upload.timer);
    this.#uploads.delete(id);
    await rm(upload.path, { force: true });
    // The folder goes with the last file in it.
    await rmdir(dirname(upload.path)).catch(() => {});
  }
}
