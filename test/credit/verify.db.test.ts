import type { Connection } from 'mysql2/promise';
import { decideBatch } from '../../src/credit/call-batch';
import type { LedgerOperation } from '../../src/credit/ledger-operation';
import { openBooks } from '../../src/credit/sql-books';
import { type Proof, verify } from '../../src/credit/verify';
import { openConnection } from '../../src/database/connection';
import { parseAmount } from '../../src/money/micros';
import { RateStore } from '../../src/rating/rate-store';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import {
  addAccount,
  addDeck,
  callOf,
  endOf,
  LIMITS,
  move,
  notItsHash,
  openLedger,
  provenBothWays,
  talked,
  withoutId,
} from './ledger-fixture';

/** The columns of an entry that is written by hand, without knowledge of its hash. */
const BY_HAND = '(accountcode, kind, reference, amount, balance_after, entry_number, entry_hash)';

const BY_ITS_OWN = "by the call's own times, tariff and grant";

describe.each(engines)('verify, %s', engine => {
  let db: TestDatabase;
  let connection: Connection;
  /** uniqueid of alice's ended call (cost 1.00) and of her open one (max_cost 3.00). */
  let ended: string;
  let open: string;

  beforeEach(async () => {
    db = await createTestDatabase(engine);
    connection = await openConnection(db.url);
    await addDeck(db, 'retail', [{}]);
    await addAccount(db, 'alice', '4.00');
    await addAccount(db, 'bob', '2.00');
    const ledger = openLedger(db);
    const [first, second] = [callOf('alice'), callOf('alice')];
    await ledger.start(first);
    await ledger.end(endOf(first, talked(60)));
    await ledger.start(second);
    await ledger.close();
    ended = first.uniqueid;
    open = second.uniqueid;
  });
  afterEach(async () => {
    connection.destroy();
    await db.drop();
  });

  const run = (): Promise<Proof> => verify(connection);
  /** The findings, as `rule accountcode uniqueid: text`. */
  const told = async (): Promise<string[]> =>
    (await provenBothWays(connection)).differences.map(({ rule, accountcode, uniqueid, text }) =>
      [rule, accountcode, ...(uniqueid === null ? [] : [uniqueid])].join(' ').concat(`: ${withoutId(text)}`),
    );

  test('sound books: 2 accounts, 3 entries, 2 calls and 1 reservation without a difference', async () => {
    expect(await run()).toMatchObject({ accounts: 2, entries: 3, calls: 2, reservations: 1, differences: [] });
  });

  test.each<[string, string, (ids: { ended: string; open: string }) => string[]]>([
    [
      'a balance that nobody entered',
      "UPDATE astaccount SET balance = balance + 0.000001 WHERE accountcode = 'alice'",
      () => ['balance_is_sum_of_entries alice: balance 3.000001, its entries add up to 3.00: off by 0.000001'],
    ],
    [
      'an entry that moved no balance',
      `INSERT INTO astledger ${BY_HAND} VALUES ('bob', 'refund', 'x', 5, 7, 2, '')`,
      () => [
        'balance_is_sum_of_entries bob: balance 2.00, its entries add up to 7.00: off by -5.00',
        notItsHash('bob', 'refund "x"'),
        "account_has_its_last_entry bob: the account's last entry is number 1, and the last one there is number 2",
      ],
    ],
    [
      'too much reserved',
      "UPDATE astaccount SET reserved = reserved + 1 WHERE accountcode = 'bob'",
      () => ['reserved_is_sum_of_reservations bob: reserved 1.00, its reservations add up to 0.00: off by 1.00'],
    ],
    [
      'a call too many',
      "UPDATE astaccount SET active_calls = 7 WHERE accountcode = 'alice'",
      () => ['active_calls_is_number_of_reservations alice: active_calls 7, but it has 1 reservations'],
    ],
    [
      'a cost that was changed afterwards',
      'UPDATE astcdr SET cost = 1.5 WHERE uniqueid = <ended>',
      ids => [
        'call_costs_are_sum_of_charges alice: its calls cost 1.50, its call charges add up to 1.00: off by 0.50',
        `call_has_its_charge alice ${ids.ended}: the call cost 1.50, its call charge is 1.00`,
        `call_is_charged_by_its_tariff alice ${ids.ended}: ${BY_ITS_OWN} cost is 1.50 and not 1.00`,
      ],
    ],
    [
      'a cost above what was ring-fenced',
      'UPDATE astcdr SET max_cost = 0.5 WHERE uniqueid = <ended>',
      ids => [
        `cost_is_within_max_cost alice ${ids.ended}: the call cost 1.00, max_cost is 0.50`,
        `max_cost_is_cost_of_grant alice ${ids.ended}: max_cost is 0.50, its granted_seconds 240 cost 4.00`,
        `call_is_charged_by_its_tariff alice ${ids.ended}: ${BY_ITS_OWN} cost is 1.00 and not 0.50`,
      ],
    ],
    [
      'a call that was charged to another account',
      "UPDATE astcdr SET accountcode = 'bob' WHERE uniqueid = <ended>",
      ids => [
        'call_costs_are_sum_of_charges alice: its calls cost 0.00, its call charges add up to 1.00: off by -1.00',
        'call_costs_are_sum_of_charges bob: its calls cost 1.00, its call charges add up to 0.00: off by 1.00',
        `call_has_its_charge bob ${ids.ended}: the call cost 1.00, there is no call charge`,
        `charge_has_its_call alice ${ids.ended}: a call charge of 1.00, but the call is of account "bob"`,
      ],
    ],
    [
      'an open call without its reservation',
      'DELETE FROM astcreditres WHERE uniqueid = <open>',
      ids => [
        'reserved_is_sum_of_reservations alice: reserved 3.00, its reservations add up to 0.00: off by 3.00',
        'time_reserved_is_sum_of_grants alice: time_reserved 180 s, the grants of its calls add up to 0 s',
        'active_calls_is_number_of_reservations alice: active_calls 1, but it has 0 reservations',
        `open_call_has_its_reservation alice ${ids.open}: the call is in progress with max_cost 3.00, but nothing is reserved`,
      ],
    ],
    [
      'an open call whose reservation is smaller',
      'UPDATE astcreditres SET max_cost = 2 WHERE uniqueid = <open>',
      ids => [
        'reserved_is_sum_of_reservations alice: reserved 3.00, its reservations add up to 2.00: off by 1.00',
        `open_call_has_its_reservation alice ${ids.open}: the call is in progress with max_cost 3.00, but 2.00 is reserved`,
      ],
    ],
    [
      'talk that no call was granted',
      "UPDATE astaccount SET time_reserved = 60 WHERE accountcode = 'bob'",
      () => ['time_reserved_is_sum_of_grants bob: time_reserved 60 s, the grants of its calls add up to 0 s'],
    ],
    [
      'an open call whose reservation is for longer talk',
      'UPDATE astcreditres SET granted_seconds = 200 WHERE uniqueid = <open>',
      ids => [
        'time_reserved_is_sum_of_grants alice: time_reserved 180 s, the grants of its calls add up to 200 s',
        `open_call_has_its_reservation alice ${ids.open}: the call is in progress with max_cost 3.00, but 3.00 is reserved, for 200 s and not 180`,
      ],
    ],
    [
      'a pool that was not emptied when its last call ended',
      "UPDATE astaccount SET kind = 'pool' WHERE accountcode = 'bob'",
      () => ['pool_without_calls_is_empty bob: the pool has no call, but a balance of 2.00 that no correction left'],
    ],
    [
      'a reservation that outlived its call',
      'UPDATE astcdr SET end_at = start_at WHERE uniqueid = <open>',
      ids => [`reservation_has_its_open_call alice ${ids.open}: 3.00 is reserved, but the call has ended`],
    ],
    [
      'a reservation of no call',
      'DELETE FROM astcdr WHERE uniqueid = <open>',
      ids => [
        'time_reserved_is_sum_of_grants alice: time_reserved 180 s, the grants of its calls add up to 0 s',
        `reservation_has_its_open_call alice ${ids.open}: 3.00 is reserved, but there is no such call`,
      ],
    ],
    [
      'a charge of no call',
      'DELETE FROM astcdr WHERE uniqueid = <ended>',
      ids => [
        'call_costs_are_sum_of_charges alice: its calls cost 0.00, its call charges add up to 1.00: off by -1.00',
        `charge_has_its_call alice ${ids.ended}: a call charge of 1.00, but there is no such call`,
      ],
    ],
    [
      'an entry of an account that does not exist',
      `INSERT INTO astledger ${BY_HAND} VALUES ('ghost', 'refund', 'x', 5, 5, 1, '')`,
      () => [
        'entry_has_its_account ghost: 1 entries of 5.00, but there is no such account',
        notItsHash('ghost', 'refund "x"'),
      ],
    ],
    [
      'entries of an account that does not exist, though they add up to nothing',
      `INSERT INTO astledger ${BY_HAND}
       VALUES ('ghost', 'adjustment', 'x', 5, 5, 1, ''), ('ghost', 'adjustment', 'y', -5, 0, 2, '')`,
      () => [
        'entry_has_its_account ghost: 2 entries of 0.00, but there is no such account',
        notItsHash('ghost', 'adjustment "x"'),
      ],
    ],
  ])('%s is found', async (_what, statement, expected) => {
    const quoted = (uniqueid: string) => `'${uniqueid}'`;
    await db.database.raw(statement.replace('<ended>', quoted(ended)).replace('<open>', quoted(open)));
    expect(await told()).toEqual(expected({ ended, open }));
  });

  test.each<
    [
      string,
      string,
      string,
      (ids: { ended: string; open: string }) => string,
      (ids: { ended: string; open: string }) => string[],
    ]
  >([
    ['gives back a part of the cost', 'alice', '0.40', ids => ids.ended, () => []],
    ['gives back all of it', 'alice', '1.00', ids => ids.ended, () => []],
    ['charges up to what was ring-fenced', 'alice', '-3.00', ids => ids.ended, () => []],
    [
      'gives back more than the call cost',
      'alice',
      '1.01',
      ids => ids.ended,
      ids => [
        `corrected_cost_is_within_max_cost alice ${ids.ended}: the call cost 1.00 and -0.01 with its correction, max_cost is 4.00`,
      ],
    ],
    [
      'charges more than was ring-fenced',
      'alice',
      '-3.01',
      ids => ids.ended,
      ids => [
        `corrected_cost_is_within_max_cost alice ${ids.ended}: the call cost 1.00 and 4.01 with its correction, max_cost is 4.00`,
      ],
    ],
    [
      'is of a call in progress',
      'alice',
      '0.10',
      ids => ids.open,
      ids => [`correction_has_its_call alice ${ids.open}: a correction of 0.10, but the call is in progress`],
    ],
    [
      'is of no call',
      'alice',
      '0.10',
      () => 'nix',
      () => ['correction_has_its_call alice nix: a correction of 0.10, but there is no such call'],
    ],
    [
      "is of another account's call",
      'bob',
      '-0.10',
      ids => ids.ended,
      ids => [`correction_has_its_call bob ${ids.ended}: a correction of -0.10, but the call is of account "alice"`],
    ],
  ])('a correction that %s', async (_what, accountcode, amount, reference, expected) => {
    const ids = { ended, open };
    const movement = {
      accountcode,
      kind: 'correction',
      amount: parseAmount(amount),
      reference: reference(ids),
      reason: '',
      actor: 'test',
    } as const;
    expect(await move(db, { ...movement, overdraw: true })).toMatchObject({ moved: true });
    expect(await told()).toEqual(expected(ids));
  });

  /** Each operation in a transaction of its own. */
  async function operate(...operations: LedgerOperation[]): Promise<void> {
    const books = await openBooks(db.url, new RateStore(), 0);
    for (const operation of operations) {
      const { changes } = await decideBatch(books, [operation], { limits: LIMITS });
      await books.commit(changes);
    }
    books.destroy();
  }

  test('a call of slices that was extended and shrunk, and ended late, costs no more than its last max_cost', async () => {
    await addAccount(db, 'dave', '9', { mode: 'shared' });
    const request = callOf('dave');
    const { uniqueid, accountcode } = request;
    const call = { uniqueid, accountcode };
    await operate({ kind: 'start', ...call, request, lease: null });
    await operate({ kind: 'extend', ...call, seconds: 240, lease: null });
    expect(await told()).toEqual([]);
    await operate({ kind: 'shrink', lease: null, ...call, seconds: 120 });
    expect(await told()).toEqual([]);
    await operate({ kind: 'end', ...endOf(request, talked(200)) });
    expect(await told()).toEqual([]);
    const row = await db.database('astcdr').where({ uniqueid }).first();
    expect(row).toMatchObject({ cost: '2.000000', max_cost: '2.000000', granted_seconds: 120, overrun_seconds: 80 });
    await db.database('astcdr').where({ uniqueid }).update({ max_cost: '1.99' });
    expect(await told()).toEqual([
      `cost_is_within_max_cost dave ${uniqueid}: the call cost 2.00, max_cost is 1.99`,
      `max_cost_is_cost_of_grant dave ${uniqueid}: max_cost is 1.99, its granted_seconds 120 cost 2.00`,
      `call_is_charged_by_its_tariff dave ${uniqueid}: ${BY_ITS_OWN} cost is 2.00 and not 1.99`,
    ]);
  });

  test('a pool whose call was corrected after its last call ended is sound, and emptied by its next call', async () => {
    const tariff = {
      pricePerMinute: parseAmount('1'),
      connectFee: parseAmount('0'),
      minimumCharge: parseAmount('0'),
      initialIncrementSeconds: 60,
      incrementSeconds: 60,
      graceSeconds: 0,
      freeSeconds: 0,
      steps: [],
    };
    const pool = { tariff, maxCredit: parseAmount('5'), maxTimeSeconds: null, maxChannels: 0, maxCallsPerSecond: 0 };
    const accountcode = 'pool:jim';
    const [first, second] = [callOf(accountcode, { pool }), callOf(accountcode, { pool })];
    const start = (request: typeof first): LedgerOperation => {
      return { kind: 'start', uniqueid: request.uniqueid, accountcode, request, lease: null };
    };
    await operate(start(first), { kind: 'end', ...endOf(first, talked(120)) });
    const correction = {
      accountcode,
      kind: 'correction',
      reference: first.uniqueid,
      reason: '',
      actor: 'test',
    } as const;
    await move(db, { ...correction, amount: parseAmount('0.50') });
    expect(await db.database('astaccount').where({ accountcode }).first()).toMatchObject({ balance: '0.500000' });
    expect(await told()).toEqual([]);
    await operate(start(second));
    expect(await told()).toEqual([]);
    await operate({ kind: 'end', ...endOf(second, talked(60)) });
    expect(await db.database('astaccount').where({ accountcode }).first()).toMatchObject({ balance: '0.000000' });
    expect(await told()).toEqual([]);
  });

  describe('a row that was changed by hand is told by name', () => {
    /** Changes rows one after the other; `<open>` and `<ended>` stand for the calls. */
    async function change(...statements: string[]): Promise<void> {
      for (const statement of statements) {
        await db.database.raw(statement.replaceAll('<ended>', `'${ended}'`).replaceAll('<open>', `'${open}'`));
      }
    }
    const OF_ALICE = "accountcode = 'alice'";

    test('a talk of 1 second in an ended call of 60', async () => {
      await change('UPDATE astcdr SET billsec = 1, billed_seconds = 1 WHERE uniqueid = <ended>');
      const text = `${BY_ITS_OWN} billsec is 1 and not 60, billed_seconds is 1 and not 60`;
      expect(await told()).toEqual([`call_is_charged_by_its_tariff alice ${ended}: ${text}`]);
    });

    test('a cheaper cost, with its charge and the balance in step', async () => {
      await change(
        'UPDATE astcdr SET cost = 0.01 WHERE uniqueid = <ended>',
        'UPDATE astledger SET amount = -0.01, balance_after = 3.99 WHERE reference = <ended>',
        `UPDATE astaccount SET balance = 3.99 WHERE ${OF_ALICE}`,
      );
      const text = `${BY_ITS_OWN} cost is 0.01 and not 1.00`;
      expect(await told()).toEqual([
        notItsHash('alice', `call_charge "${ended}"`),
        `call_is_charged_by_its_tariff alice ${ended}: ${text}`,
      ]);
    });

    test('a longer grant for the same money, in step everywhere', async () => {
      await change(
        'UPDATE astcdr SET granted_seconds = 6000 WHERE uniqueid = <open>',
        'UPDATE astcreditres SET granted_seconds = 6000 WHERE uniqueid = <open>',
        `UPDATE astaccount SET time_reserved = 6000 WHERE ${OF_ALICE}`,
      );
      const text = 'max_cost is 3.00, its granted_seconds 6000 cost 100.00';
      expect(await told()).toEqual([`max_cost_is_cost_of_grant alice ${open}: ${text}`]);
    });

    test('less money held for the same grant, in step everywhere', async () => {
      await change(
        'UPDATE astcdr SET max_cost = 1 WHERE uniqueid = <open>',
        'UPDATE astcreditres SET max_cost = 1 WHERE uniqueid = <open>',
        `UPDATE astaccount SET reserved = 1 WHERE ${OF_ALICE}`,
      );
      const text = 'max_cost is 1.00, its granted_seconds 180 cost 3.00';
      expect(await told()).toEqual([`max_cost_is_cost_of_grant alice ${open}: ${text}`]);
    });

    test.each([
      ['price_per_minute', '0.5', 'max_cost_is_cost_of_grant'],
      ['grace_seconds', '7', null],
    ])('another %s in an open call', async (column, value, also) => {
      await change(`UPDATE astcdr SET rate_${column} = ${value} WHERE uniqueid = <open>`);
      const rules = (await run()).differences.map(({ rule, uniqueid }) => [rule, uniqueid]);
      const expected = [...(also === null ? [] : [also]), 'rate_is_that_of_its_deck'];
      expect(rules).toEqual(expected.map(rule => [rule, open]));
    });

    test('a line that is blocked, so that no call can be of it', async () => {
      await change('UPDATE astrate SET is_blocked = 1');
      const rules = (await run()).differences.map(({ rule }) => rule);
      expect(new Set(rules)).toEqual(new Set(['rate_is_that_of_its_deck']));
    });

    test('a call of a deck version that is gone is not told', async () => {
      await change('DELETE FROM astrate');
      expect(await told()).toEqual([]);
    });

    test('a call of a deck version that is being deleted is not told: half of its rates are there', async () => {
      await change('UPDATE astratedeckversion SET imported_at = NULL');
      await change('UPDATE astrate SET price_per_minute = 99');
      expect(await told()).toEqual([]);
    });

    test('a balance_after', async () => {
      await change(`UPDATE astledger SET balance_after = 7 WHERE ${OF_ALICE} AND reference = 'opening'`);
      expect(await told()).toEqual([
        notItsHash('alice', 'top_up "opening"'),
        'balance_after_is_running_sum alice: entry N (top_up "opening") has balance_after 7.00, and 0.00 before it with its amount 4.00 make 4.00',
      ]);
    });

    test.each([
      [
        'a top-up that became more',
        "SET amount = 5 WHERE reference = 'opening' AND accountcode = 'alice'",
        'opening',
        '5.00',
      ],
      [
        'a top-up that became less',
        "SET amount = 0.5 WHERE reference = 'opening' AND accountcode = 'alice'",
        'opening',
        '0.50',
      ],
    ])('%s, with the balance in step', async (_what, set, reference, sum) => {
      await change(
        `UPDATE astledger ${set}`,
        `UPDATE astaccount SET balance = (SELECT SUM(amount) FROM astledger WHERE ${OF_ALICE}) WHERE ${OF_ALICE}`,
      );
      expect(await told()).toEqual([
        notItsHash('alice', `top_up "${reference}"`),
        expect.stringMatching(
          new RegExp(`^balance_after_is_running_sum alice: entry N \\(top_up "${reference}"\\) .* make ${sum}$`),
        ),
      ]);
    });

    test('a deleted top-up is told at the entry after it', async () => {
      await change(`DELETE FROM astledger WHERE ${OF_ALICE} AND reference = 'opening'`);
      expect(await told()).toContainEqual(
        expect.stringMatching(
          new RegExp(
            `^balance_after_is_running_sum alice: entry N \\(call_charge "${ended}"\\) has balance_after 3.00, .* make -1.00$`,
          ),
        ),
      );
    });

    test("an account's currency", async () => {
      await change(`UPDATE astaccount SET currency = 'USD' WHERE ${OF_ALICE}`);
      const first = [ended, open].sort()[0];
      expect(await told()).toEqual([
        'currency_is_that_of_its_deck alice: the account\'s currency is USD, that of its deck "retail" is EUR',
        `currency_is_that_of_its_calls alice ${first}: the call's currency is EUR, the account's is USD`,
      ]);
    });
  });

  test('two calls whose costs were exchanged are found though every sum is right', async () => {
    await move(db, {
      accountcode: 'alice',
      kind: 'top_up',
      amount: parseAmount('9'),
      reference: 'r',
      reason: '',
      actor: 'test',
    });
    const ledger = openLedger(db);
    const dear = callOf('alice');
    await ledger.start(dear);
    await ledger.end(endOf(dear, talked(120)));
    await ledger.close();
    expect(await told()).toEqual([]);
    await db.database('astcdr').where({ uniqueid: ended }).update({ cost: '2.000000', max_cost: '2.000000' });
    await db.database('astcdr').where({ uniqueid: dear.uniqueid }).update({ cost: '1.000000' });
    const lines = [
      `call_has_its_charge alice ${ended}: the call cost 2.00, its call charge is 1.00`,
      `call_has_its_charge alice ${dear.uniqueid}: the call cost 1.00, its call charge is 2.00`,
      `call_is_charged_by_its_tariff alice ${ended}: ${BY_ITS_OWN} cost is 2.00 and not 1.00`,
      `call_is_charged_by_its_tariff alice ${dear.uniqueid}: ${BY_ITS_OWN} cost is 1.00 and not 2.00`,
      `max_cost_is_cost_of_grant alice ${ended}: max_cost is 2.00, its granted_seconds 240 cost 4.00`,
    ];
    expect((await told()).sort()).toEqual(lines.sort());
  });

  test('a call that starts and ends while the proof runs is in none of its parts: 2 calls, 3 entries', async () => {
    const ledger = openLedger(db);
    const meanwhile = callOf('bob');
    const watched = {
      query: async (text: string, values: unknown[]) => {
        const answer = await connection.query(text, values);
        if (text.includes('FROM astaccount')) {
          await ledger.start(meanwhile);
          await ledger.end(endOf(meanwhile, talked(60)));
        }
        return answer;
      },
    } as unknown as Connection;
    expect(await verify(watched)).toMatchObject({ calls: 2, entries: 3, reservations: 1, differences: [] });
    await ledger.close();
    expect(await run()).toMatchObject({ calls: 3, entries: 4, differences: [] });
  });

  test('an emergency call of an account that does not exist is legal, open and ended', async () => {
    const ledger = openLedger(db);
    const [running, over] = [1, 2].map(() => callOf('stranger', { dst: '112', emergency: true })) as [
      ReturnType<typeof callOf>,
      ReturnType<typeof callOf>,
    ];
    await ledger.start(running);
    await ledger.start(over);
    await ledger.end(endOf(over, talked(30)));
    await ledger.close();
    expect(await run()).toMatchObject({ calls: 4, reservations: 2, differences: [] });
  });

  test('while 400 calls start and end and money moves, 20 proofs or more find nothing', async () => {
    await addAccount(db, 'carol', '1000');
    const ledger = openLedger(db);
    let calling = true;
    const callers = ['alice', 'bob', 'carol', 'carol'].map(async (accountcode, caller) => {
      for (let call = 0; call < 100; call++) {
        const request = callOf(accountcode);
        await ledger.start(request);
        await ledger.end(endOf(request, talked((call * 7) % 180)));
        if (call % 10 === 0) {
          const reference = `${caller}-${call}`;
          await move(db, {
            accountcode,
            kind: 'top_up',
            amount: parseAmount('0.01'),
            reference,
            reason: '',
            actor: 'test',
          });
        }
      }
    });
    const hammering = Promise.all(callers).finally(() => {
      calling = false;
    });
    const proofs: Proof[] = [];
    while (calling || proofs.length < 20) proofs.push(await run());
    await hammering;
    await ledger.close();
    expect(proofs.flatMap(({ differences }) => differences)).toEqual([]);
    // The proofs saw the books while they changed, not only before and after.
    expect(new Set(proofs.map(({ calls }) => calls)).size).toBeGreaterThan(2);
    expect(await run()).toMatchObject({ reservations: 1, differences: [] });
  });
});
