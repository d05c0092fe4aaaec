/** What an attacker with the rights of the database's owner does to the entries by hand, with every sum kept in step. */

import type { Connection } from 'mysql2/promise';
import { createAccount } from '../../src/accounts/manage-account';
import type { AccountEnd } from '../../src/credit/entry-chain';
import { type Proof, verify, verifySince } from '../../src/credit/verify';
import { openConnection } from '../../src/database/connection';
import { migrate, migrations } from '../../src/database/migrate';
import { parseAmount } from '../../src/money/micros';
import { actingAs } from '../../src/operator/acting';
import { createEmptyDatabase, createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import {
  addAccount,
  addDeck,
  callOf,
  chainAnew,
  endOf,
  move,
  notItsHash,
  openLedger,
  provenBothWays,
  talked,
  withoutId,
} from './ledger-fixture';

/** The hash as docs/ledger.md has it, in SQL. */
const HASH_IN_SQL = `SHA2(CONCAT_WS('|', COALESCE(p.entry_hash, ''), HEX(e.accountcode), e.entry_number, e.kind, HEX(e.reference), e.amount,
  e.balance_after, HEX(e.reason)), 256)`;

/** The whole proof, and where it found the end of each chain. */
async function provenEnds(connection: Connection): Promise<Proof & { ends: AccountEnd[] }> {
  const ends: AccountEnd[] = [];
  const proof = await verify(connection, { onEnds: more => ends.push(...more) });
  return { ...proof, ends };
}

describe.each(engines)('the chain of entries, %s', engine => {
  let db: TestDatabase;
  let connection: Connection;

  beforeEach(async () => {
    db = await createTestDatabase(engine);
    connection = await openConnection(db.url);
    await addDeck(db, 'retail', [{}]);
    await addAccount(db, 'alice', '4.00');
    await addAccount(db, 'bob', '2.00');
    await topUp('alice', '3.00', 'second');
    await talk('alice', 60);
    await topUp('alice', '5.00', 'last');
  });
  afterEach(async () => {
    connection.destroy();
    await db.drop();
  });

  const topUp = (accountcode: string, amount: string, reference: string) =>
    move(db, {
      accountcode,
      kind: 'top_up',
      amount: parseAmount(amount),
      reference,
      reason: 'Grüße 🙂 | "\\',
      actor: 'test',
    });

  async function talk(accountcode: string, seconds: number): Promise<void> {
    const ledger = openLedger(db);
    const call = callOf(accountcode);
    await ledger.start(call);
    await ledger.end(endOf(call, talked(seconds)));
    await ledger.close();
  }

  const run = (statement: string) => db.database.raw(statement);
  const lines = ({ differences }: Proof) =>
    differences.map(({ rule, accountcode, text }) => `${rule} ${accountcode}: ${withoutId(text)}`);
  const told = async (): Promise<string[]> => lines(await provenBothWays(connection));
  const toldSince = async (ends: AccountEnd[]): Promise<string[]> => lines(await verifySince(connection, ends));

  test('is 1, 2, 3 of each account, by whatever way an entry came; SQL finds the same hashes', async () => {
    await createAccount(actingAs('test', db.database), { accountcode: 'carol', deck: 'retail', balance: '1.5' });
    await createAccount(actingAs('test', db.database), { accountcode: 'dave', deck: 'retail' });
    await topUp('carol', '1', 'x');
    const { ends, differences, entries } = await provenEnds(connection);
    expect(differences).toEqual([]);
    expect(entries).toBe(7);
    expect(ends.map(([code, { entryCount }]) => `${code} ${entryCount}`)).toEqual(['alice 4', 'bob 1', 'carol 2']);
    const [wrong] = await db.database.raw(`SELECT e.entry_id FROM astledger e LEFT JOIN astledger p
      ON p.accountcode = e.accountcode AND p.entry_number = e.entry_number - 1 WHERE BINARY e.entry_hash <> ${HASH_IN_SQL}`);
    expect(wrong).toEqual([]);
  });

  test('a top-up by hand, with the balance in step', async () => {
    await run(`INSERT INTO astledger (accountcode, entry_number, kind, reference, amount, balance_after, reason, entry_hash)
      VALUES ('bob', 2, 'top_up', 'forged', 100, 102, '', REPEAT('0', 64))`);
    await run(
      "UPDATE astaccount SET balance = 102, entry_count = 2, entry_hash = REPEAT('0', 64) WHERE accountcode = 'bob'",
    );
    expect(await told()).toEqual([notItsHash('bob', 'top_up "forged"')]);
  });

  test('one whose columns of the chain were left out is refused by the database itself', async () => {
    const forged = { accountcode: 'bob', kind: 'top_up', reference: 'forged', amount: 100, balance_after: 102 };
    await expect(db.database('astledger').insert(forged)).rejects.toThrow(/entry_number/);
  });

  test('a second entry of one number is refused by the database itself', async () => {
    await expect(
      run(`INSERT INTO astledger (accountcode, entry_number, kind, reference, amount, balance_after, entry_hash)
        VALUES ('bob', 1, 'top_up', 'forged', 100, 102, REPEAT('0', 64))`),
    ).rejects.toThrow(/Duplicate/);
  });

  test('a top-up that became more, with every balance after it in step', async () => {
    await run("UPDATE astledger SET amount = 9 WHERE accountcode = 'alice' AND reference = 'second'");
    await run(
      "UPDATE astledger SET balance_after = balance_after + 6 WHERE accountcode = 'alice' AND entry_number >= 2",
    );
    await run("UPDATE astaccount SET balance = balance + 6 WHERE accountcode = 'alice'");
    expect(await told()).toEqual([notItsHash('alice', 'top_up "second"')]);
  });

  test.each([
    ["reason = 'of the chef'", 'reason'],
    ["reference = 'third'", 'reference'],
    ["kind = 'refund'", 'kind'],
  ])('%s', async set => {
    await run(`UPDATE astledger SET ${set} WHERE accountcode = 'alice' AND reference = 'second'`);
    expect(await told()).toEqual([expect.stringMatching(/^entry_follows_the_one_before alice: entry N .* hash /)]);
  });

  test('a deleted entry in the middle, with every balance after it in step', async () => {
    await run("DELETE FROM astledger WHERE accountcode = 'alice' AND reference = 'second'");
    await run(
      "UPDATE astledger SET balance_after = balance_after - 3 WHERE accountcode = 'alice' AND entry_number > 2",
    );
    await run("UPDATE astaccount SET balance = balance - 3 WHERE accountcode = 'alice'");
    expect(await told()).toEqual([
      expect.stringMatching(
        /^entry_follows_the_one_before alice: entry N \(call_charge ".*"\) is number 3 of its account, and number 1 comes before it: an entry before it was deleted$/,
      ),
    ]);
  });

  test('a deleted last entry, with the balance in step', async () => {
    await run("DELETE FROM astledger WHERE accountcode = 'alice' AND reference = 'last'");
    await run("UPDATE astaccount SET balance = balance - 5 WHERE accountcode = 'alice'");
    expect(await told()).toEqual([
      "account_has_its_last_entry alice: the account's last entry is number 4, and the last one there is number 3",
    ]);
  });

  test('every entry of an account', async () => {
    await run("DELETE FROM astledger WHERE accountcode = 'bob'");
    await run("UPDATE astaccount SET balance = 0 WHERE accountcode = 'bob'");
    expect(await told()).toEqual([
      "account_has_its_last_entry bob: the account's last entry is number 1, and there is none",
    ]);
  });

  describe('since a proof', () => {
    let ends: AccountEnd[];
    beforeEach(async () => {
      ({ ends } = await provenEnds(connection));
    });

    test('only what came since is read, new accounts too, and it ends where a whole proof ends', async () => {
      await addAccount(db, 'carol', '6.00');
      await createAccount(actingAs('test', db.database), { accountcode: 'dave', deck: 'retail' });
      await talk('alice', 30);
      await topUp('carol', '1.00', 'x');
      const sinceEnds: AccountEnd[] = [];
      const since = await verifySince(connection, ends, { onEnds: more => sinceEnds.push(...more) });
      expect(since).toMatchObject({ accounts: 4, entries: 3, differences: [] });
      expect(sinceEnds).toEqual((await provenEnds(connection)).ends);
    });

    test('pages of entries, across accounts and within one', async () => {
      for (const accountcode of ['carol', 'dave'])
        await createAccount(actingAs('test', db.database), { accountcode, deck: 'retail' });
      const sequence =
        engine === 'MariaDB'
          ? 'seq_1_to_6000'
          : `(WITH RECURSIVE n AS (SELECT 1 AS seq UNION ALL SELECT seq + 1 FROM n
        WHERE seq < 6000) SELECT seq FROM n) s`;
      if (engine !== 'MariaDB') await connection.query('SET SESSION cte_max_recursion_depth = 6000');
      for (const accountcode of ['carol', 'dave']) {
        await connection.query(
          `INSERT INTO astledger (accountcode, entry_number, kind, reference, amount, balance_after, entry_hash)
           SELECT ?, seq, 'top_up', CONCAT('n', seq), 1, seq, REPEAT('0', 64) FROM ${sequence} ORDER BY seq`,
          [accountcode],
        );
      }
      // As a migration of old entries would.
      await chainAnew(db);
      await run("UPDATE astaccount SET balance = 6000 WHERE accountcode IN ('carol', 'dave')");
      expect(await verifySince(connection, ends)).toMatchObject({ entries: 12_000, differences: [] });
      await run("UPDATE astledger SET reason = 'x' WHERE accountcode = 'dave' AND entry_number = 5999");
      expect(await toldSince(ends)).toEqual([
        expect.stringMatching(/^entry_follows_the_one_before dave: entry N \(top_up "n5999"\) does not have the hash/),
      ]);
    });

    test('a chain that was written anew from its first entry on, with hashes that fit', async () => {
      await run(
        "UPDATE astledger SET amount = 44, balance_after = balance_after + 40 WHERE accountcode = 'alice' AND entry_number = 1",
      );
      await run(
        "UPDATE astledger SET balance_after = balance_after + 40 WHERE accountcode = 'alice' AND entry_number > 1",
      );
      await run("UPDATE astaccount SET balance = balance + 40 WHERE accountcode = 'alice'");
      await chainAnew(db);
      // Nothing inside of the database can tell it.
      expect(await told()).toEqual([]);
      expect(await toldSince(ends)).toEqual([
        'entry_follows_the_one_before alice: entry N (top_up "last") is not the entry that was proven as number 4',
      ]);
    });

    test('a balance by hand', async () => {
      await run("UPDATE astaccount SET balance = 50 WHERE accountcode = 'bob'");
      expect(await toldSince(ends)).toEqual([
        'balance_is_sum_of_entries bob: balance 50.00, after its last entry it was 2.00',
      ]);
    });

    test('a proven entry, and a proven account, that are gone', async () => {
      await topUp('alice', '1.00', 'since');
      await run("DELETE FROM astledger WHERE accountcode = 'alice' AND reference = 'last'");
      await run("DELETE FROM astaccount WHERE accountcode = 'bob'");
      expect((await toldSince(ends)).sort()).toEqual([
        'account_has_its_last_entry bob: the account is gone',
        'entry_follows_the_one_before alice: the entry that was proven as number 4 is gone',
      ]);
    });

    test.each([
      ['all entries of an account', "DELETE FROM astledger WHERE accountcode = 'alice'", 4],
      ['the last one', "DELETE FROM astledger WHERE accountcode = 'alice' AND entry_number = 4", 4],
    ])('%s, with the account as if it never had any', async (_, statement, number) => {
      await run(statement);
      await run("UPDATE astaccount SET balance = 0, entry_count = 0, entry_hash = '' WHERE accountcode = 'alice'");
      expect(await toldSince(ends)).toEqual([
        `entry_follows_the_one_before alice: the entry that was proven as number ${number} is gone, and all behind it`,
      ]);
    });

    test('what is reserved by hand', async () => {
      await run("UPDATE astaccount SET reserved = 1 WHERE accountcode = 'bob'");
      expect(await toldSince(ends)).toEqual([
        'reserved_is_sum_of_reservations bob: reserved 1.00, its reservations add up to 0.00: off by 1.00',
      ]);
    });
  });
});

describe.each(engines)('entries of before there was a chain, %s', engine => {
  test('are chained by migrations in portions, account by account in the order of writing, which go on where they were killed', async () => {
    const db = await createEmptyDatabase(engine);
    const known = migrations();
    await migrate(db.database, known.slice(0, 37));
    for (const accountcode of ['zoe', 'alice', 'Alice', 'none']) {
      await db.database('astaccount').insert({ accountcode, currency: 'EUR', deck: 'retail' });
    }
    const balances = new Map<string, number>();
    for (let count = 0; count < 60; count++) {
      const accountcode = ['zoe', 'alice', 'Alice'][(count * 7) % 3] as string;
      const balance = (balances.get(accountcode) ?? 0) + (count % 5 === 4 ? -0.5 : 1.25);
      balances.set(accountcode, balance);
      await db.database('astledger').insert({
        accountcode,
        kind: count % 5 === 4 ? 'adjustment' : 'top_up',
        reference: `n${count}`,
        amount: count % 5 === 4 ? -0.5 : 1.25,
        balance_after: balance,
        reason: count % 3 === 0 ? 'für | alle' : '',
      });
    }
    for (const [accountcode, balance] of balances)
      await db.database('astaccount').where({ accountcode }).update({ balance });
    const told: Record<string, string[]> = {};
    const run = (isKilled: (name: string) => boolean) =>
      migrate(db.database, known, {
        portionRows: 3,
        onPortion: ({ name, done, total }) => {
          told[name] = [...(told[name] ?? []), `${done}/${total}`];
          if (isKilled(name)) throw new Error(`killed in ${name}`);
        },
      });
    // The audit trail's has nothing to do here.
    const isOfChain = (name: string) => /-chain-/.test(name);
    const inPortionsOf = known
      .filter(({ portions, name }) => portions !== null && isOfChain(name))
      .map(({ name }) => name);
    expect(inPortionsOf).toHaveLength(3);
    for (const name of inPortionsOf)
      await expect(run(running => running === name)).rejects.toThrow(`killed in ${name}`);
    await run(() => false);
    const [numbers = [], hashes = [], accounts = []] = inPortionsOf.map(name => told[name]);
    // Portions of 60 entries, and of four accounts; the account without an entry is always looked at.
    for (const portions of [numbers, hashes]) {
      expect(portions.slice(0, 3)).toEqual(['3/60', '3/57', '6/57']);
      expect(portions.at(-1)).toBe('57/57');
      expect(portions).toHaveLength(20);
    }
    expect(accounts).toEqual(['3/4', '2/2']);
    const connection = await openConnection(db.url);
    const { differences, ends } = await provenEnds(connection);
    expect(differences).toEqual([]);
    expect(ends.map(([code, { entryCount }]) => `${code} ${entryCount}`)).toEqual(['Alice 20', 'alice 20', 'zoe 20']);
    await move(db, {
      accountcode: 'zoe',
      kind: 'top_up',
      amount: parseAmount('1'),
      reference: 'new',
      reason: '',
      actor: 'test',
    });
    expect((await verify(connection)).differences).toEqual([]);
    connection.destroy();
    await db.drop();
  });
});
