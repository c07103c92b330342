/** Writes `icon.ico`, `icon.icns` and `png/<size>x<size>.png`; default: where electron-builder.yml looks for them. */
export function makeIcons(folder?: string): Promise<void>;
