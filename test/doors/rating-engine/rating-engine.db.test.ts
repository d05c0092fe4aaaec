/** Call Control's own bytes, on real databases. */
import { connect, type Socket } from 'node:net';
import pino from 'pino';
import { Expiry } from '../../../src/calls/expiry';
import { openCallStore } from '../../../src/calls/open-call-store';
import type { Switchboard } from '../../../src/calls/switchboard';
import { UnseenEnds } from '../../../src/calls/unseen-ends';
import { verify } from '../../../src/credit/verify';
import { openConnection } from '../../../src/database/connection';
import { formatAmount, parseAmount } from '../../../src/money/micros';
import { accountRow, addAccount, addDeck, NOON } from '../../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../../database/test-database';
import { until, Wire } from '../door-fixture';
import {
  ask,
  conversation,
  debitBalance,
  maxSessionTime,
  NODE,
  openDoor,
  secondsIn,
  type TestDoor,
} from './rating-fixture';

/** What comes in one piece. */
const nextPiece = (socket: Socket): Promise<string> =>
  new Promise(resolve => socket.once('data', bytes => resolve(bytes.toString('latin1'))));

describe.each(engines)('the rating engine on %s', engine => {
  let db: TestDatabase;
  let rating: TestDoor;
  let now = NOON;

  beforeAll(async () => {
    db = await createTestDatabase(engine);
    // 1.00 a minute, 60/60; a free number; one by the second with a fee; nothing else.
    await addDeck(db, 'retail', [
      { prefix: '49', destination: 'Germany' },
      { prefix: '4980', destination: 'Freephone', price_per_minute: '0' },
      {
        prefix: '43',
        destination: 'Austria, mobile',
        price_per_minute: '0.60',
        connect_fee: '0.05',
        minimum_charge: '0.10',
        initial_increment_seconds: 1,
        increment_seconds: 1,
      },
    ]);
    rating = await openDoor(db, {}, () => now);
  });
  beforeEach(() => {
    now = NOON;
  });
  afterEach(async () => {
    const connection = await openConnection(db.url);
    const { differences } = await verify(connection);
    await connection.end();
    expect(differences).toEqual([]);
  });
  afterAll(async () => {
    await rating.close();
    await db.drop();
  });

  const account = (name: string, balance: string, more = {}) => addAccount(db, `${name}@example.com`, balance, more);
  const of = (name: string) => `${name}@example.com`;
  const cdr = (callId: string) =>
    db
      .database('astcdr')
      .where({ uniqueid: `${NODE}:call:${callId}` })
      .first();
  const holds = (name: string) => db.database('astcreditres').where({ accountcode: of(name) });
  const money = async (name: string) => {
    const { balance, reserved, active_calls } = await accountRow(db, of(name));
    return [formatAmount(parseAmount(balance)), formatAmount(parseAmount(reserved)), active_calls];
  };
  const seconds = async (line: string, port = rating.port) => secondsIn(await ask(port, line));
  const reasons = () => rating.door.figures.refusals;
  /** Keeps the account locked until what is returned is called. */
  const lock = async (name: string) => {
    const connection = await openConnection(db.url);
    await connection.beginTransaction();
    await connection.query('SELECT * FROM astaccount WHERE accountcode = ? FOR UPDATE', [of(name)]);
    return async () => {
      await connection.rollback();
      await connection.end();
    };
  };
  const expire = async () => {
    await db.database('astcreditres').update({ expires_at: '2020-01-01' });
    const log = pino({ level: 'silent' });
    const expiry = new Expiry({
      switchboard: { stateOf: () => undefined } as unknown as Switchboard,
      openCalls: openCallStore(db.database),
      records: { of: async () => new Map() },
      ends: new UnseenEnds(rating.ledger, log),
      log,
      everyMs: 50,
    });
    await until(async () => expect(await db.database('astcreditres')).toEqual([]));
    expiry.close();
  };

  test.each([
    ['call-control-4', 1800],
    ['call-control-3', 300],
  ])('a conversation, byte by byte: %s', async (name, capSeconds) => {
    for (const [who, balance] of [
      ['alice', '10'],
      ['poor', '0'],
      ['family', '10'],
    ] as const) {
      if (
        !(await db
          .database('astaccount')
          .where({ accountcode: of(who) })
          .first())
      )
        await account(who, balance);
    }
    const door = await openDoor(db, { capSeconds }, () => now);
    let socket: Socket | undefined;
    for (const step of conversation(name)) {
      if (step === 'connect') {
        socket?.destroy();
        socket = connect(door.port, '127.0.0.1');
      } else if ('passMs' in step) now += step.passMs;
      else if ('send' in step) socket?.write(step.send);
      else expect(await nextPiece(socket as Socket)).toBe(step.answer);
    }
    socket?.destroy();
    await door.close();
  });
});
