import type { Connection } from 'mysql2/promise';
import { addCaller } from '../../src/cards/callers';
import { activateCards, generateCards } from '../../src/cards/cards';
import { generateVouchers, redeemVoucher, switchVouchers } from '../../src/cards/vouchers';
import { openConnection } from '../../src/database/connection';
import { actingAs } from '../../src/operator/acting';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { addAccount, addDeck, notItsHash, provenBothWays, withoutId } from './ledger-fixture';

const keys = ['a-secret-of-thirty-two-characters-0'];

describe.each(engines)('verify of cards, vouchers and callers, %s', engine => {
  let db: TestDatabase;
  let connection: Connection;

  /** Cards 1 (active) and 2 (generated) of 10.00; vouchers 1 (redeemed by alice) and 2 (active) of 5.00; alice calls from 49301. */
  beforeEach(async () => {
    db = await createTestDatabase(engine);
    connection = await openConnection(db.url);
    await addDeck(db, 'retail', [{}]);
    await addAccount(db, 'alice', '1.00');
    await addAccount(db, 'bob', '1.00');
    await generateCards(
      actingAs('test', db.database),
      { batch: 'summer', count: 2, value: '10.00', deck: 'retail' },
      { keys },
    );
    await activateCards(actingAs('test', db.database), { batch: 'summer', to: 1 });
    const request = { batch: 'top', count: 2, value: '5.00', currency: 'EUR' };
    const [voucher] = await generateVouchers(actingAs('test', db.database), request, { keys });
    await switchVouchers(actingAs('test', db.database), { batch: 'top' }, 'activate');
    await redeemVoucher(actingAs('test', db.database), { code: voucher!.code, accountcode: 'alice', keys });
    await addCaller(actingAs('test', db.database), '49301', 'alice');
  });
  afterEach(async () => {
    connection.destroy();
    await db.drop();
  });

  const told = async (): Promise<string[]> =>
    (await provenBothWays(connection)).differences.map(
      ({ rule, accountcode, text }) => `${rule} ${accountcode}: ${withoutId(text)}`,
    );

  test('sound ones have no difference', async () => {
    expect(await told()).toEqual([]);
  });

  test.each<[string, string[], string[]]>([
    [
      'an active card without an account',
      ["UPDATE astcard SET accountcode = 'card-9' WHERE serial = 1"],
      ['card_has_its_account card-9: card 1 is activated, but there is no such account'],
    ],
    [
      'a card that is worth more than its account was opened with',
      ['UPDATE astcard SET value = 11 WHERE serial = 1'],
      ['card_has_its_opening card-1: card 1 is worth 11.00, the top-up of its serial is 10.00'],
    ],
    [
      'an account that is marked as blocked with a card which is not blocked',
      ["UPDATE astaccount SET status = 'blocked', is_card_blocked = 1 WHERE accountcode = 'card-1'"],
      [
        'account_is_blocked_with_its_card card-1: is marked as blocked with its card, but it is blocked, and card 1 is active',
      ],
    ],
    [
      'an account that is marked so and is open, and has no card at all',
      ["UPDATE astaccount SET is_card_blocked = 1 WHERE accountcode = 'bob'"],
      [
        'account_is_blocked_with_its_card bob: is marked as blocked with its card, but it is active, and it has no card',
      ],
    ],
    [
      'a card whose account was never topped up',
      [
        "DELETE FROM astledger WHERE accountcode = 'card-1'",
        "UPDATE astaccount SET balance = 0 WHERE accountcode = 'card-1'",
      ],
      [
        'card_has_its_opening card-1: card 1 is worth 10.00, there is no top-up of its serial',
        "account_has_its_last_entry card-1: the account's last entry is number 1, and there is none",
      ],
    ],
    [
      'a voucher that was redeemed for nothing',
      ["UPDATE astvoucher SET status = 'redeemed', accountcode = 'bob', redeemed_at = NOW() WHERE serial = 2"],
      ['voucher_has_its_entry bob: voucher 2 of 5.00 is redeemed, there is no top-up of its serial'],
    ],
    [
      'a voucher that was redeemed for less',
      [
        "UPDATE astledger SET amount = 4, balance_after = 5 WHERE reference = 'voucher-1'",
        "UPDATE astaccount SET balance = 5 WHERE accountcode = 'alice'",
      ],
      [
        'voucher_has_its_entry alice: voucher 1 of 5.00 is redeemed, the top-up of its serial is 4.00',
        notItsHash('alice', 'top_up "voucher-1"'),
      ],
    ],
    [
      'money of a voucher that is not redeemed',
      ["UPDATE astvoucher SET status = 'active', accountcode = NULL, redeemed_at = NULL WHERE serial = 1"],
      ['entry_has_its_voucher alice: a top-up of 5.00 by voucher 1, which is active'],
    ],
    [
      'money of a voucher that is another’s',
      ["UPDATE astvoucher SET accountcode = 'bob' WHERE serial = 1"],
      [
        'voucher_has_its_entry bob: voucher 1 of 5.00 is redeemed, there is no top-up of its serial',
        'entry_has_its_voucher alice: a top-up of 5.00 by voucher 1, which was redeemed for account "bob"',
      ],
    ],
    [
      'a caller of nobody',
      ["UPDATE astcaller SET accountcode = 'nobody' WHERE number = '49301'"],
      ['caller_has_its_account nobody: caller 49301 has that account, but there is no such account'],
    ],
  ])('%s is found', async (_, statements, differences) => {
    for (const statement of statements) await connection.query(statement);
    expect(await told()).toEqual(differences);
  });
});
