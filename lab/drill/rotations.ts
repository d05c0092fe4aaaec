import { execFileSync } from 'node:child_process';
import { copyFileSync, renameSync, statSync, truncateSync } from 'node:fs';

/** What happens to a file of Asterisk's records while no service reads it. */
export interface Rotation {
  name: string;
  /** For the table's reader. */
  does: string;
  /** What was written since the service was lost is missing afterwards, all of it or some. */
  loses: boolean;
  /** Does it to one file, which had `sizeBefore` bytes when the service was lost. */
  rotate(path: string, sizeBefore: number): void;
}

/** The kinds that exist in the field: logrotate's, a cron job's, and those of a full disk. */
export const ROTATIONS: readonly Rotation[] = [
  {
    name: 'numbered',
    does: 'are renamed to ….1, as logrotate does',
    loses: false,
    rotate: path => renameSync(path, `${path}.1`),
  },
  {
    name: 'dated',
    does: 'are renamed by the date, as logrotate does with dateext',
    loses: false,
    rotate: path => renameSync(path, `${path}-20261129`),
  },
  {
    name: 'compressed',
    does: 'are renamed and compressed',
    loses: false,
    rotate(path) {
      renameSync(path, `${path}.2`);
      execFileSync('gzip', ['--force', `${path}.2`]);
    },
  },
  {
    name: 'copied',
    does: 'are copied and cut to nothing (copytruncate)',
    loses: false,
    rotate(path) {
      copyFileSync(path, `${path}.3`);
      truncateSync(path);
    },
  },
  {
    name: 'torn',
    does: 'end in the middle of a line, half of what was written since being lost',
    loses: true,
    rotate: (path, sizeBefore) => truncateSync(path, Math.floor((sizeBefore + statSync(path).size) / 2)),
  },
  {
    name: 'emptied',
    does: 'are cut to nothing without a copy',
    loses: true,
    rotate: path => truncateSync(path),
  },
];

/**
 * The callers' channels whose rows a file has lost, of those that were written behind its first `sizeBefore` bytes. A row that the end of
 * the rest cuts is lost, and so is what is written behind it in the same line.
 */
export function uniqueidsLost(before: string, after: string, sizeBefore: number): Set<string> {
  const kept = sameLength(before, after);
  const lineAt = before.lastIndexOf('\n', kept - 1) + 1;
  const isCut = lineAt < kept;
  const glued = isCut ? after.slice(lineAt).split('\n', 1)[0]! : '';
  return new Set(
    [...`${before.slice(Math.max(lineAt, sizeBefore))}${glued}`.matchAll(/"([^"]+-\d+\.\d+)"/g)].map(
      ([, uniqueid]) => uniqueid!,
    ),
  );
}

/** How many characters two texts have in common at their beginnings. */
function sameLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}
