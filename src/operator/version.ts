/** Versions of what operators edit, so that two of them do not overwrite each other. Pure. */
import { createHash } from 'node:crypto';
import type { Lent } from './acting';
import { type Facts, plainJson } from './facts';
import { Refused } from './operator-refusal';

/** The version of a state: 32 hexadecimal digits, the same for the same facts in the same order. */
export const versionOf = (edited: Facts): string =>
  createHash('sha256').update(plainJson(edited, 0)).digest('hex').slice(0, 32);

/** Assumes that `edited` was read under the lock of the change. @throws Refused changed_meanwhile if the editor knows another version */
export function refuseOtherVersion({ ifMatch }: Pick<Lent, 'ifMatch'>, object: string, edited: Facts): void {
  if (ifMatch === undefined || ifMatch.includes(versionOf(edited))) return;
  throw new Refused('changed_meanwhile', `${object} was changed meanwhile: look at it again, then change it`);
}
