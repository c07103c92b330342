/** Makes a package for this kind of machine; resolves to the exit code. */
export function makePackage(options: { installers: boolean; args: string[] }): Promise<number>;

/** What of a package depends on who releases it, as flags for electron-builder; `problem` says what is missing. */
export function releaseFlags(release: {
  env: Record<string, string | undefined>;
  platform: string;
  arch: string;
  installers: boolean;
}): { flags?: string[]; problem?: string };
