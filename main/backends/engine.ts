import type { EngineDevice } from '../../shared/engine-info.ts';
import { UserError } from '../../shared/errors.ts';
import type { EngineId } from '../../shared/run.ts';
import type { Graph } from '../models/graph.ts';
import type { Backend } from './backend.ts';

/**
 * An engine as the registry knows it, before anything of it is loaded: native code and large libraries come into the
 * process that computes with them and into no other.
 */
export interface Engine {
  id: EngineId;
  title: string;
  /** What it is good for, in a few words: `fast for …`. */
  strength: string;
  /** Of an engine that is installed on demand and does not come with the product. */
  setUp?: EngineSetUp;
  /**
   * Variables that a process must be started with to compute on it; read from the disk at most, nothing is loaded.
   * @param graph the network, where it is known
   */
  environment?(threads: number, graph?: Graph): Readonly<Record<string, string>>;
  /**
   * Loads it into this process.
   * @param threads 0 for every core
   * @throws EngineUnavailable saying why it cannot run here and what to do about it
   */
  load(threads: number): Promise<LoadedEngine>;
}

export interface LoadedEngine {
  backend: Backend;
  /** Threads that it computes with; 1 where they are none of its business. */
  threads: number;
  device: EngineDevice;
  /** Of the libraries behind it, by name. */
  versions: Readonly<Record<string, string>>;
}

export interface EngineSetUp {
  /** `npm run setup:webgpu`. */
  command: string;
  /** What it loads from the network and leaves on the disk, in words. */
  size: string;
  /** Where it lies. */
  folder(): string;
  isInstalled(): boolean;
  /**
   * Installs it, or does nothing if it is installed.
   * @returns what was done, in sentences: disk and time
   * @throws UserError saying what is missing and how to get it
   */
  install(options: InstallOptions): Promise<string>;
  /** Undoes `install`. */
  remove(): Promise<void>;
}

export interface InstallOptions {
  onProgress(progress: { text: string; fraction: number | undefined }): void;
  /** With what an NVIDIA GPU needs, where that is another and larger download. */
  gpu?: boolean;
  /** A folder that has the libraries, instead of fetching them. */
  from?: string;
}

/** An engine that was asked for by name and cannot run here. */
export class EngineUnavailable extends UserError {
  /** Why, and what to do about it, without the engine's name. */
  readonly reason: string;

  constructor(id: EngineId, reason: string, cause?: unknown) {
    const message = `engine.backend: ${id} cannot run here: ${reason}`;
    super('backend-unavailable', message, 'engine.backend', { cause });
    this.reason = reason;
  }
}

/** @throws EngineUnavailable always */
export function unavailable(id: EngineId, reason: string, cause?: unknown): never {
  throw new EngineUnavailable(id, reason, cause);
}
