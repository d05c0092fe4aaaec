import type { Ledger } from '../../../src/credit/ledger';
import { RatingDoor, type RatingDoorOptions, ratingNode } from '../../../src/doors/rating-engine/rating-door';
import type { RatingSettings } from '../../../src/doors/rating-engine/rating-settings';
import { parsePeers } from '../../../src/listeners/peers';
import { LIMITS, openLedger } from '../../credit/ledger-fixture';
import type { TestDatabase } from '../../database/test-database';
import { keptLog, Wire } from '../door-fixture';

export const NODE = ratingNode('main');

/** A door on a port of its own, with a ledger that needs leases of everybody else, and what it logged. */
export interface TestDoor {
  door: RatingDoor;
  ledger: Ledger;
  port: number;
  // biome-ignore lint/suspicious/noExplicitAny: lines of any event
  lines: any[];
  close(): Promise<void>;
}

export async function openDoor(
  test: TestDatabase,
  more: Partial<Omit<RatingSettings, 'listen'>> = {},
  now?: RatingDoorOptions['now'],
): Promise<TestDoor> {
  const ledger = openLedger(test, { leaseOf: () => null, doors: new Set([NODE]) });
  const { log, lines } = keptLog();
  const door = new RatingDoor({
    settings: {
      listen: { host: '127.0.0.1', port: 0 },
      peers: parsePeers(['127.0.0.0/8']),
      managers: parsePeers(['127.0.0.1']),
      name: 'main',
      account: '{user}@{domain}',
      capSeconds: 1800,
      ...more,
    },
    ledger,
    database: test.database,
    emergencyNumbers: ['112'],
    maxCallSeconds: LIMITS.maxCallSeconds,
    log,
    now,
  });
  await door.open();
  return {
    door,
    ledger,
    port: door.port,
    lines,
    async close() {
      await door.leave(1_000);
      door.abandon();
      await ledger.close();
    },
  };
}

/** Asks over a connection of its own; the reply without its end. */
export async function ask(port: number, line: string, from?: string): Promise<string> {
  const wire = await Wire.open(port, from);
  wire.send(line);
  const reply = await wire.upTo('\n\n');
  wire.close();
  return reply.replace(/\n\n$/, '');
}

/** The seconds that a reply to MaxSessionTime or DebitBalance tells; an Error with the reply where it tells none. */
export function secondsIn(reply: string): number {
  const found = /^(?:(\d+)\ntype=prepaid|Ok\nMaxSessionTime=(\d+)\n\d+\.\d+(?:\n[^\n]+)*)$/.exec(reply);
  if (!found) throw new Error(`no seconds: ${reply}`);
  return Number(found[1] ?? found[2]);
}

export { debitBalance, maxSessionTime } from '../../../lab/clients/call-control';
