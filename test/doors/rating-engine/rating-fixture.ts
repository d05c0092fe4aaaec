import { doorNode } from '../../../src/doors/door-kind';
import { RATING_DOOR, RatingDoor, type RatingDoorOptions } from '../../../src/doors/rating-engine/rating-door';
import { isWholeWithoutEnd } from '../../../src/doors/rating-engine/rating-request';
import type { RatingSettings } from '../../../src/doors/rating-engine/rating-settings';
import { parsePeers } from '../../../src/listeners/peers';
import type { TestDatabase } from '../../database/test-database';
import { type OpenedDoor, opened, Wire } from '../door-fixture';

export const NODE = doorNode(RATING_DOOR, 'main');

export type TestDoor = OpenedDoor<RatingDoor>;

export const openDoor = (
  test: TestDatabase,
  {
    secondPersonAbove = null,
    ...more
  }: Partial<Omit<RatingSettings, 'listen'> & Pick<RatingDoorOptions, 'secondPersonAbove'>> = {},
  now?: RatingDoorOptions['now'],
): Promise<TestDoor> =>
  opened(
    test,
    NODE,
    parts =>
      new RatingDoor({
        ...parts,
        secondPersonAbove,
        settings: {
          listen: { host: '127.0.0.1', port: 0 },
          peers: parsePeers(['127.0.0.0/8']),
          managers: parsePeers(['127.0.0.1']),
          controlSocket: null,
          name: 'main',
          account: '{user}@{domain}',
          capSeconds: 1800,
          ...more,
        },
        now,
      }),
  );

/**
 * Asks over a connection of its own: like 4.x without an end if 4.x asks so, otherwise with an end of line. Returns the reply without its
 * end.
 */
export async function ask(port: number, line: string, from?: string): Promise<string> {
  const wire = await Wire.open(port, from);
  wire.send(isWholeWithoutEnd(line) ? line : `${line}\n`);
  const reply = await wire.upTo('\n\n');
  wire.close();
  return reply.replace(/\n\n$/, '');
}

/** The seconds in a reply to MaxSessionTime or DebitBalance; an Error with the reply if it contains none. */
export function secondsIn(reply: string): number {
  const found = /^(?:(\d+)\ntype=prepaid|Ok\nMaxSessionTime=(\d+)\n\d+\.\d+(?:\n[^\n]+)*)$/.exec(reply);
  if (!found) throw new Error(`no seconds: ${reply}`);
  return Number(found[1] ?? found[2]);
}

export { debitBalance, maxSessionTime } from '../../../lab/clients/call-control';
