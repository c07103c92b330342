import { spawn } from 'node:child_process';

/** Whether this process can open windows: on Linux a display server must be there. */
export const hasDisplay = ({ env, platform }: Pick<NodeJS.Process, 'env' | 'platform'> = process): boolean =>
  platform === 'win32' ||
  (platform === 'darwin' ? !env.SSH_CONNECTION : Boolean(env.DISPLAY || env.WAYLAND_DISPLAY));

/** Opens a link in the user's browser; without one nothing happens, the link stands in the terminal. */
export function openLink(url: string): void {
  const [command, args]: [string, string[]] =
    process.platform === 'darwin'
      ? ['open', [url]]
      : process.platform === 'win32'
        ? ['rundll32', ['url.dll,FileProtocolHandler', url]]
        : ['xdg-open', [url]];
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
