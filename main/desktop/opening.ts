import { basename, dirname } from 'node:path';
import { app, dialog, type BrowserWindow } from 'electron';
import type { Host } from '../app/host.ts';
import { linkScheme, readFile, readLink, targetsOf, type Target } from './targets.ts';

/** Files and links that the application is opened with, whether it runs already or is started by them. */
export class Opening {
  readonly #waiting: Target[] = [];
  #window: BrowserWindow | undefined;
  #host: Pick<Host, 'dispatcher' | 'events'> | undefined;

  /** Brings the window to the front or opens it; called with every request. */
  summon: () => void = () => {};

  /** Listens from before the application is ready, which is when a Mac tells the first file or link. */
  listen(): void {
    app.on('open-file', (event, path) => {
      event.preventDefault();
      this.#take([readFile(path)]);
    });
    app.on('open-url', (event, link) => {
      event.preventDefault();
      this.#take([readLink(link)]);
    });
    app.on('second-instance', (_event, args, folder) => this.#take(read(args, folder)));
    // Installers register the scheme on Linux and Macs; on Windows the program does.
    if (app.isPackaged) app.setAsDefaultProtocolClient(linkScheme);
    this.#waiting.push(...read(process.argv, process.cwd()));
  }

  /** Opens what waits once the page has loaded, and what comes later at once, as long as the window is there. */
  connect(window: BrowserWindow, host: Pick<Host, 'dispatcher' | 'events'>): void {
    window.webContents.once('did-finish-load', () => {
      this.#window = window;
      this.#host = host;
      this.#openAll();
    });
    window.once('closed', () => (this.#window = undefined));
  }

  #take(targets: (Target | undefined)[]): void {
    this.#waiting.push(...targets.filter((target) => target !== undefined));
    this.summon();
    this.#openAll();
  }

  #openAll(): void {
    if (!this.#window || !this.#host) return;
    for (const target of this.#waiting.splice(0)) void open(target, this.#host, this.#window);
  }
}

/** What comes after the program, which in development is followed by the folder it is run from. */
const read = (args: readonly string[], folder: string) =>
  targetsOf(args.slice(app.isPackaged ? 1 : 2), folder);

async function open(
  target: Target,
  { dispatcher, events }: Pick<Host, 'dispatcher' | 'events'>,
  window: BrowserWindow,
): Promise<void> {
  if (target.kind === 'place') return events.emit('navigate', { path: target.path });
  const { file, isLinked } = target;
  if (isLinked && !(await confirm(file, window))) return;
  const connection = events.connect(() => {});
  const answer = await dispatcher.dispatch('archives.import', { path: file }, connection);
  connection.close();
  if (answer.ok) events.emit('navigate', { path: `/runs/${(answer.value as { id: string }).id}` });
  else dialog.showErrorBox(`${basename(file)} was not imported`, answer.error.message);
}

async function confirm(file: string, window: BrowserWindow): Promise<boolean> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: `Import ${basename(file)}?`,
    detail: `A link asks for it. The archive lies in ${dirname(file)}.`,
    buttons: ['Import', 'Cancel'],
    defaultId: 1,
    cancelId: 1,
  });
  return response === 0;
}
