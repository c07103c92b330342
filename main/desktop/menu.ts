import type { MenuItemConstructorOptions } from 'electron';
import { commands, type CommandInfo } from '../../shared/commands.ts';

export interface MenuOptions {
  isMac: boolean;
  /** Shows the developer tools. */
  isDevelopment: boolean;
  /** Called with the id of a command. */
  onCommand(id: string): void;
}

const separator: MenuItemConstructorOptions = { type: 'separator' };

/** The menu: the system's own items as roles, ours from the table of commands. */
export function menuTemplate({ isMac, isDevelopment, onCommand }: MenuOptions): MenuItemConstructorOptions[] {
  const of = (menu: CommandInfo['menu']) =>
    commands
      .filter((command) => command.menu === menu)
      .map((command): MenuItemConstructorOptions => ({
        id: command.id,
        label: command.title,
        ...shownKeys(command, isMac),
        click: () => onCommand(command.id),
      }));
  const developer: MenuItemConstructorOptions[] = [separator, { role: 'reload' }, { role: 'toggleDevTools' }];
  return [
    ...(isMac ? [{ role: 'appMenu' } satisfies MenuItemConstructorOptions] : []),
    { label: 'File', submenu: [...of('File'), separator, { role: isMac ? 'close' : 'quit' }] },
    { role: 'editMenu' },
    { label: 'Run', submenu: of('Run') },
    {
      label: 'View',
      submenu: [
        ...of('View'),
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        ...(isDevelopment ? developer : []),
      ],
    },
    { label: 'Go', submenu: of('Go') },
    { role: 'windowMenu' },
    { role: 'help', submenu: of('Help') },
  ];
}

/**
 * Keys are shown in the menu but left to the window, which knows whether somebody is typing. A Mac cannot show keys
 * without taking them, so there only those with ⌘ are given, and ⌘Z belongs to the Edit menu. Two keys in sequence
 * cannot be shown.
 */
function shownKeys({ id, keys }: CommandInfo, isMac: boolean): MenuItemConstructorOptions {
  if (!keys || keys.includes(' ')) return {};
  if (isMac && (!keys.includes('Mod+') || id === 'edit.undo')) return {};
  return { accelerator: keys.replace('Mod', 'CmdOrCtrl'), registerAccelerator: false };
}
