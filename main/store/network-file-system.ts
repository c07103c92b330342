import { readFileSync, realpathSync } from 'node:fs';

/** File systems whose locks or shared memory SQLite's write-ahead log cannot rely on. */
const networkTypes =
  /^(nfs4?|cifs|smb3?|smbfs|lustre|gpfs|beegfs|ceph|afs|9p|panfs|orangefs|fuse\.(sshfs|glusterfs|ceph|rclone|s3fs))$/;

/**
 * @param mountInfo the text of `/proc/self/mountinfo`
 * @returns the type of the network file system that holds `path`, or undefined if it is local
 */
export function networkFileSystem(path: string, mountInfo: string): string | undefined {
  let best = { point: '', type: '' };
  for (const line of mountInfo.split('\n')) {
    const [mount, source] = line.split(' - ');
    if (source === undefined) continue;
    const point = mount
      .split(' ')[4]
      .replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
    const inside = path === point || path.startsWith(point.endsWith('/') ? point : `${point}/`);
    // Of two mounts on one point the later one is seen.
    if (inside && point.length >= best.point.length) best = { point, type: source.split(' ')[0] };
  }
  return networkTypes.test(best.type) ? best.type : undefined;
}

/** The warning to show for a database in this folder, or undefined where it is safe or cannot be told. */
export function networkFileSystemWarning(folder: string): string | undefined {
  let type: string | undefined;
  try {
    type = networkFileSystem(realpathSync(folder), readFileSync('/proc/self/mountinfo', 'utf8'));
  } catch {
    return undefined; // not Linux
  }
  return (
    type &&
    `${folder} is on a network file system (${type}), where SQLite databases get damaged; ` +
      'choose a workspace folder on a local disk'
  );
}
