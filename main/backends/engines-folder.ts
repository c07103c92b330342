import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where engines that are installed on demand lie, once for all workspaces of a user. `FILIGREE_ENGINES` names another
 * place.
 */
export function enginesFolder(): string {
  if (process.env.FILIGREE_ENGINES) return process.env.FILIGREE_ENGINES;
  if (process.platform === 'win32') {
    return join(process.env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'Filigree', 'engines');
  }
  if (process.platform === 'darwin') {
    return join(homedir(), 'Library', 'Application Support', 'Filigree', 'engines');
  }
  return join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'filigree', 'engines');
}
