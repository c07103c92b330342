import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { app } from 'electron';
import type { AppUpdater } from 'electron-updater';
import { UserError } from '../../shared/errors.ts';
import type { UpdateState } from '../../shared/updates.ts';
import type { UpdateService } from '../app/context.ts';

const dayMs = 24 * 3_600_000;

/** Where the program is and how it came there. */
export interface Installation {
  isPackaged: boolean;
  platform: NodeJS.Platform;
  env: NodeJS.ProcessEnv;
  /** The folder of `app.asar`. */
  resources: string;
}

/** @returns why an installation does not update itself, a sentence for the user; undefined if it does */
export function whyNoUpdates({ isPackaged, platform, env, resources }: Installation): string | undefined {
  if (!isPackaged) return 'This is a development build: it is updated with its sources.';
  if (platform === 'linux' && !env.APPIMAGE)
    return 'This was installed as a package of the system, which also brings newer versions.';
  // Packages get a feed when they are released and, where systems ask for it, signed.
  if (!existsSync(join(resources, 'app-update.yml')))
    return 'This build is not a signed release, and only those update themselves.';
  return undefined;
}

/** Those of the program that runs. */
export function openUpdates(): Updates {
  const { platform, env, resourcesPath: resources } = process;
  return new Updates(
    whyNoUpdates({ isPackaged: app.isPackaged, platform, env, resources }),
    async () => (await import('electron-updater')).autoUpdater,
  );
}

/** @returns a switch: while it is on, `check` is called at once and once a day */
export function daily(check: () => void): (isOn: boolean) => void {
  let timer: NodeJS.Timeout | undefined;
  return (isOn) => {
    if (isOn === (timer !== undefined)) return;
    clearInterval(timer);
    timer = isOn ? setInterval(check, dayMs).unref() : undefined;
    if (isOn) check();
  };
}

/** Looks for newer versions of the application and installs them, each when it is asked to. */
export class Updates implements UpdateService {
  #state: UpdateState;
  #updater: Promise<AppUpdater> | undefined;
  readonly #load: () => Promise<AppUpdater>;
  /** Called with every new state. */
  onChange: (state: UpdateState) => void = () => {};

  /**
   * @param whyNot see `whyNoUpdates`
   * @param load gives electron-updater's updater of this platform; called when it is first needed
   */
  constructor(whyNot: string | undefined, load: () => Promise<AppUpdater>) {
    this.#state = whyNot ? { state: 'unsupported', reason: whyNot } : { state: 'unknown' };
    this.#load = load;
  }

  get(): UpdateState {
    return this.#state;
  }

  /** Asks the feed for the newest version, unless that is going on or an update is on its way. */
  async check(): Promise<UpdateState> {
    if (['unsupported', 'checking', 'downloading', 'ready'].includes(this.#state.state)) return this.#state;
    this.#become({ state: 'checking' });
    return this.#try(async () => {
      const found = await (await this.#open()).checkForUpdates();
      return found?.isUpdateAvailable
        ? { state: 'available', version: found.updateInfo.version }
        : { state: 'current' };
    });
  }

  /**
   * Downloads the version that `check` found; it is installed when the application quits.
   * @throws UserError `no-update` if none was found
   */
  async download(): Promise<UpdateState> {
    if (this.#state.state !== 'available')
      throw new UserError('no-update', 'there is no newer version to download; look for one first');
    const { version } = this.#state;
    this.#become({ state: 'downloading', version, fraction: 0 });
    return this.#try(async () => {
      const updater = await this.#open();
      const report = ({ percent }: { percent: number }) =>
        this.#become({ state: 'downloading', version, fraction: percent / 100 });
      updater.on('download-progress', report);
      try {
        await updater.downloadUpdate();
      } finally {
        updater.off('download-progress', report);
      }
      return { state: 'ready', version };
    });
  }

  #open(): Promise<AppUpdater> {
    return (this.#updater ??= this.#load().then((updater) => {
      updater.autoDownload = false;
      updater.autoInstallOnAppQuit = true;
      // What it would log is in the state.
      updater.logger = null;
      return updater;
    }));
  }

  async #try(work: () => Promise<UpdateState>): Promise<UpdateState> {
    return this.#become(
      await work().catch(({ message }: Error) => ({ state: 'failed', reason: firstLine(message) })),
    );
  }

  #become(state: UpdateState): UpdateState {
    this.#state = state;
    this.onChange(state);
    return state;
  }
}

/** It says what failed; headers of an answer and stacks come after it. */
const firstLine = (text: string) => text.split('\n', 1)[0].slice(0, 300);
