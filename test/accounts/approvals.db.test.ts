/** Large movements of money over the API wait for a second person. */
import type { Knex } from 'knex';
import { createApiKey, revokeApiKey, rotateApiKey } from '../../src/access/api-key-store';
import {
  acceptInvitation,
  inviteOperator,
  resetOperator,
  setOperator,
  tokenForForgotten,
} from '../../src/access/operator-store';
import {
  approvalNumbered,
  approve,
  forgetApprovals,
  listApprovals,
  MOST_WAITING,
  refuseApproval,
  withdrawApproval,
} from '../../src/accounts/approvals';
import { closeAccount, createAccount, setAccountStatus } from '../../src/accounts/manage-account';
import { type MoneyRequest, moveMoney } from '../../src/accounts/move-money';
import { openDatabase } from '../../src/database/connection';
import { parseAmount } from '../../src/money/micros';
import { type Acting, actingAs } from '../../src/operator/acting';
import { limitsOf } from '../../src/operator/limits';
import type { Role } from '../../src/operator/operation';
import { json, ringfence } from '../cli/cli-fixture';
import { addAccount, addDeck } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';

describe.each(engines)('a second person, %s', engine => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [{}]);
    await addAccount(db, 'alice', '5.00');
  });
  afterEach(async () => {
    expect((await ringfence(db.url, ['verify'])).exitCode).toBe(0);
    await db.drop();
  });

  /** As the API asks, where more than 100.00 needs a second person. */
  const over = (actor: string, roles: Role[] = ['admin'], database: Knex = db.database): Acting => ({
    ...actingAs(actor, database),
    from: '10.0.0.7',
    limits: limitsOf(roles, { secondPersonAbove: parseAmount('100') }),
  });
  const move = (acting: Acting, more: Partial<MoneyRequest> = {}) =>
    moveMoney(acting, {
      accountcode: 'alice',
      kind: 'top_up',
      amount: '500.00',
      reference: 'big',
      reason: 'cash',
      ...more,
    });
  const asked = async (more: Partial<MoneyRequest> = {}): Promise<number> => {
    const { approval } = await move(over('key:crm'), more);
    return approval as number;
  };
  const balance = async () =>
    (await db.database('astaccount').where({ accountcode: 'alice' }).first('balance')).balance;
  const states = async () =>
    (await listApprovals(db.database, { all: true }, { limit: 20, offset: 0 })).items.map(({ state }) => state);
  const trail = async () =>
    (await db.database('astaudit').orderBy('audit_id')).map(row => [row.actor, row.operation, row.object]);

  test('more than the setting waits and moves nothing; as much as it moves at once', async () => {
    expect(await move(over('key:crm'), { amount: '100.00', reference: 'small' })).toMatchObject({
      moved: true,
      approval: null,
    });
    const waiting = await move(over('key:crm'));
    expect(waiting).toMatchObject({ moved: false, approval: expect.any(Number), balance: parseAmount('105.00') });
    expect(await balance()).toBe('105.000000');
    const page = await listApprovals(db.database, { all: false }, { limit: 20, offset: 0 });
    expect(page).toMatchObject({
      total: 1,
      items: [
        { state: 'open', operation: 'account topup', accountcode: 'alice', currency: 'EUR', requestedBy: 'key:crm' },
      ],
    });
  });

  test('another admin has it done, once; the entry is that admin’s, and the trail names both', async () => {
    const id = await asked();
    expect(await approve(over('key:boss'), id)).toMatchObject({ moved: true, balance: parseAmount('505.00') });
    expect(await balance()).toBe('505.000000');
    await expect(approve(over('key:boss'), id)).rejects.toMatchObject({ refusal: 'approval_decided' });
    await expect(refuseApproval(over('key:boss'), id)).rejects.toMatchObject({ refusal: 'approval_decided' });
    expect(await db.database('astledger').where({ reference: 'big' }).select('actor', 'reason')).toEqual([
      { actor: 'key:boss', reason: 'cash' },
    ]);
    expect(await trail()).toEqual([
      ['key:crm', 'account topup', `approval ${id}`],
      ['key:boss', 'approval approve', 'account alice'],
    ]);
    const [, row] = await db.database('astaudit').orderBy('audit_id');
    expect(JSON.parse(row.state_before)).toEqual({ balance: '5.00' });
    expect(JSON.parse(row.state_after)).toMatchObject({
      balance: '505.00',
      of_call: false,
      overdraw: false,
      approval: id,
      requested_by: 'key:crm',
    });
    // The same reference again, as a client repeats it.
    expect(await move(over('key:crm'))).toMatchObject({ moved: false, approval: null });
    expect(await states()).toEqual(['approved']);
  });

  test('that a movement overdraws is shown to the second person, and makes another movement of it', async () => {
    const taken: Partial<MoneyRequest> = { kind: 'adjustment', amount: '-500.00', overdraw: true };
    const id = await asked(taken);
    const { items } = await listApprovals(db.database, { all: false }, { limit: 20, offset: 0 });
    expect(items).toMatchObject([{ approvalId: id, overdraw: true, ofCall: false }]);
    await move({ ...over('key:crm'), limits: undefined } as Acting, { amount: '600.00', reference: 'enough' });
    await expect(move(over('key:crm'), { ...taken, overdraw: false })).rejects.toMatchObject({
      refusal: 'reference_reused',
      detail: expect.stringContaining('-500.00 with overdraw waits'),
    });
    expect(await move(over('key:crm'), taken)).toMatchObject({ moved: false, approval: id });
  });

  test('two admins at once move it once', async () => {
    const id = await asked();
    const pools = [0, 1].map(() => openDatabase(db.url, { most: 1 }));
    const done = await Promise.allSettled(
      pools.map((pool, number) => approve(over(`key:boss-${number}`, ['admin'], pool), id)),
    );
    await Promise.all(pools.map(pool => pool.destroy()));
    expect(done.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(done.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { refusal: 'approval_decided' } });
    expect(await balance()).toBe('505.000000');
    expect(await db.database('astledger').where({ reference: 'big' })).toHaveLength(1);
  });

  test('one admin approves while another one refuses: one of both is done', async () => {
    const id = await asked();
    const pools = [0, 1].map(() => openDatabase(db.url, { most: 1 })) as [Knex, Knex];
    const [approved, refused] = await Promise.allSettled([
      approve(over('key:boss', ['admin'], pools[0]), id),
      refuseApproval(over('key:other', ['admin'], pools[1]), id),
    ]);
    await Promise.all(pools.map(pool => pool.destroy()));
    expect([approved.status, refused.status].sort()).toEqual(['fulfilled', 'rejected']);
    expect(await balance()).toBe(approved.status === 'fulfilled' ? '505.000000' : '5.000000');
  });

  test('the same actor never does, but may take it back', async () => {
    const id = await asked();
    await expect(approve(over('key:crm'), id)).rejects.toMatchObject({ refusal: 'second_person_needed' });
    expect(await balance()).toBe('5.000000');
    expect(await refuseApproval(over('key:crm'), id)).toMatchObject({ state: 'refused', decidedBy: 'key:crm' });
    await expect(approve(over('key:boss'), id)).rejects.toMatchObject({ refusal: 'approval_decided' });
    expect((await trail()).at(-1)).toEqual(['key:crm', 'approval refuse', `approval ${id}`]);
  });

  test('only the actor that asked withdraws it, once; then it is decided', async () => {
    const id = await asked();
    await expect(withdrawApproval(over('key:boss'), id)).rejects.toMatchObject({ refusal: 'approval_of_another' });
    expect(await withdrawApproval(over('key:crm', ['support']), id)).toMatchObject({ state: 'withdrawn' });
    for (const decide of [approve, refuseApproval]) {
      await expect(decide(over('key:boss'), id)).rejects.toMatchObject({ refusal: 'approval_decided' });
    }
    await expect(withdrawApproval(over('key:crm'), id)).rejects.toMatchObject({ refusal: 'approval_decided' });
    expect(await approvalNumbered(db.database, id)).toMatchObject({ state: 'withdrawn', decidedBy: 'key:crm' });
    expect((await trail()).at(-1)).toEqual(['key:crm', 'approval withdraw', `approval ${id}`]);
    expect(await asked()).not.toBe(id);
    expect(await balance()).toBe('5.000000');
    await expect(approvalNumbered(db.database, 999)).rejects.toMatchObject({ refusal: 'approval_not_found' });
  });

  test('one actor has at most 100 that wait; what is decided or has expired makes room, and others are not bound by it', async () => {
    const id = await asked();
    const [{ approval_id: _, ...row }] = await db.database('astapproval');
    const others = Array.from({ length: MOST_WAITING - 1 }, (_each, number) => ({
      ...row,
      reference: `more ${number}`,
    }));
    await db.database('astapproval').insert(others);
    const next = () => asked({ reference: 'too many' });
    await expect(next()).rejects.toMatchObject({
      refusal: 'too_many_approvals',
      detail: expect.stringContaining('100 requests of key:crm wait'),
    });
    expect(await asked()).toBe(id);
    expect(await move(over('key:till'), { reference: 'theirs' })).toMatchObject({ approval: expect.any(Number) });
    await refuseApproval(over('key:boss'), id);
    const last = await next();
    await expect(asked({ reference: 'again' })).rejects.toMatchObject({ refusal: 'too_many_approvals' });
    await db.database('astapproval').where({ approval_id: last }).update({ expires_at: row.created_at });
    expect(await asked({ reference: 'again' })).toBeGreaterThan(last);
  });

  test('90 days after it was decided or has expired it is forgotten, and the trail has all of it', async () => {
    const [approved, withdrawn, expired, kept, open] = [
      await asked(),
      await asked({ reference: 'mine' }),
      await asked({ reference: 'late', kind: 'adjustment', amount: '-500.00', overdraw: true }),
      await asked({ reference: 'kept' }),
      await asked({ reference: 'open' }),
    ];
    await approve(over('key:boss'), approved);
    await withdrawApproval(over('key:crm'), withdrawn);
    await refuseApproval(over('key:boss'), kept);
    const ago = (days: number) => db.database.raw('UTC_TIMESTAMP(3) - INTERVAL ? DAY', [days]);
    const aged = (id: number) => db.database('astapproval').where({ approval_id: id });
    for (const id of [approved, withdrawn]) await aged(id).update({ decided_at: ago(91) });
    await aged(kept).update({ decided_at: ago(89) });
    await aged(expired).update({ expires_at: ago(91) });
    await aged(open).update({ created_at: ago(91) });
    const before = await db.database('astapproval').orderBy('approval_id');
    const pools = [0, 1].map(() => openDatabase(db.url, { most: 1 }));
    const forgotten = await Promise.all(pools.map(pool => forgetApprovals(pool)));
    await Promise.all(pools.map(pool => pool.destroy()));
    expect(forgotten.reduce((sum, count) => sum + count, 0)).toBe(3);
    expect(await db.database('astapproval').orderBy('approval_id').pluck('approval_id')).toEqual([kept, open]);
    const told = await db.database('astaudit').where({ operation: 'approval forget' }).orderBy('object');
    expect(told.map(row => row.object)).toEqual([approved, withdrawn, expired].map(id => `approval ${id}`));
    const states = ['approved', 'withdrawn', 'expired'];
    for (const [index, row] of told.entries()) {
      const was = before[index];
      expect([row.actor, JSON.parse(row.state_before)]).toEqual([
        'service',
        {
          state: states[index],
          operation: index === 2 ? 'account adjust' : 'account topup',
          accountcode: 'alice',
          amount: index === 2 ? '-500.00' : '500.00',
          currency: 'EUR',
          reference: was.reference,
          of_call: false,
          overdraw: index === 2,
          reason: 'cash',
          requested_by: 'key:crm',
          created_at: was.created_at.toISOString(),
          expires_at: was.expires_at.toISOString(),
          decided_by: was.decided_by,
          decided_at: was.decided_at?.toISOString() ?? null,
        },
      ]);
    }
  });

  describe('is no second person who may be the first one', () => {
    const by = (actor: string) => actingAs(actor, db.database);
    const key = (actor: string, apiKey: string) => createApiKey(by(actor), { apiKey, roles: ['admin'] });
    const invited = (actor: string, name: string) => inviteOperator(by(actor), name, ['admin']);
    const long = (days: number) => db.database.raw('UTC_TIMESTAMP(3) - INTERVAL ? DAY', [days]);
    const CLI = 'cli:root';
    /** As if the trail had been written so many days ago. */
    const aged = (object: string, days: number) =>
      db
        .database('astaudit')
        .where({ object })
        .update({ created_at: long(days) });

    test.each<[string, string, (() => Promise<unknown>)[], string]>([
      ['a key that the asker made', 'key:boss', [() => key(CLI, 'crm'), () => key('key:crm', 'boss')], 'key:crm'],
      ['a key that made the asker', 'key:boss', [() => key(CLI, 'boss'), () => key('key:boss', 'crm')], 'key:boss'],
      [
        'a key that the asker rotated',
        'key:boss',
        [() => key(CLI, 'crm'), () => key(CLI, 'boss'), () => rotateApiKey(by('key:crm'), 'boss')],
        'key:crm',
      ],
      [
        'a key of the same maker',
        'key:boss',
        [() => key('operator:anna', 'crm'), () => key('operator:anna', 'boss')],
        'operator:anna',
      ],
      ['a person whom the asker invited', 'operator:bert', [() => invited('key:crm', 'bert')], 'key:crm'],
      [
        'a person whom the asker has reset',
        'operator:bert',
        [() => invited(CLI, 'bert'), () => resetOperator(by('key:crm'), 'bert')],
        'key:crm',
      ],
      [
        'a key that was made by a person whom the asker has reset',
        'key:boss',
        [() => invited(CLI, 'bert'), () => resetOperator(by('key:crm'), 'bert'), () => key('operator:bert', 'boss')],
        'key:crm',
      ],
      [
        'a person who invited the one that rotated the asking key',
        'operator:bert',
        [() => key(CLI, 'crm'), () => invited('operator:bert', 'carl'), () => rotateApiKey(by('operator:carl'), 'crm')],
        'operator:bert',
      ],
    ])('%s', async (_what, approver, makes, behind) => {
      for (const make of makes) await make();
      const id = await asked();
      await expect(approve(over(approver), id)).rejects.toMatchObject({
        refusal: 'second_person_needed',
        detail: expect.stringContaining(`${behind} may be both`),
      });
      expect(await balance()).toBe('5.000000');
      expect(await approve(over('key:other'), id)).toMatchObject({ moved: true });
    });

    test.each<[string, string, () => Promise<unknown>]>([
      [
        'made by a key of the asker, though that ended long ago',
        'key:boss',
        async () => {
          await key('key:crm', 'between');
          await key('key:between', 'boss');
          await revokeApiKey(by('key:crm'), 'between');
          await db
            .database('astapikey')
            .whereNotNull('revoked_at')
            .update({ revoked_at: long(60) });
          await aged('key boss', 61);
        },
      ],
      [
        'made long ago by a person whom the asker had invited just before',
        'key:boss',
        async () => {
          await invited('key:crm', 'bert');
          await key('operator:bert', 'boss');
          await aged('operator bert', 89);
          await aged('key boss', 60);
        },
      ],
      [
        'a person whom the asker had invited three weeks before it asked, two weeks ago',
        'operator:bert',
        async () => {
          await invited('key:crm', 'bert');
          await aged('operator bert', 35);
        },
      ],
    ])('what was shown long ago counts as long as what came of it: %s', async (_what, approver, make) => {
      await make();
      const rows = await db.database('astaudit').where({ actor: 'key:crm' });
      expect(rows.length).toBeGreaterThan(0);
      const id = await asked();
      await db
        .database('astapproval')
        .where({ approval_id: id })
        .update({ created_at: long(14) });
      await expect(approve(over(approver), id)).rejects.toMatchObject({
        refusal: 'second_person_needed',
        detail: expect.stringContaining('key:crm may be both'),
      });
      expect(await approve(over('key:other'), id)).toMatchObject({ moved: true });
      // The proof of the trail would find it.
      for (const object of ['operator bert', 'key boss']) await aged(object, 0);
    });

    describe('by an address of mail', () => {
      const OWN = 'crm@example.com';
      const chosen = async (token: string) => acceptInvitation(by('operator:bert'), token, 'hash');
      /** As a reader of that mailbox does. */
      const forgotten = async () => chosen((await tokenForForgotten(by('stranger'), 'bert'))?.token as string);
      const invitedAt = async (actor: string, mail: string) =>
        chosen((await inviteOperator(by(actor), 'bert', ['admin'], undefined, mail)).token);
      const setAt = (actor: string, mail: string | null) => setOperator(by(actor), 'bert', { mail });
      /** As if everything so far had been that many days longer ago. */
      const later = (days: number) =>
        db
          .database('astaudit')
          .where({ object: 'operator bert' })
          .update({
            created_at: db.database.raw('created_at - INTERVAL ? DAY', [days]),
          });
      // The proof of the trail would find it.
      afterEach(async () => {
        const rows = await db.database('astaudit').where({ object: 'operator bert' });
        expect(rows.length).toBeGreaterThan(0);
        await aged('operator bert', 0);
      });

      test.each<[string, (() => Promise<unknown>)[]]>([
        [
          'a person whose address the asker set to its own',
          [() => invitedAt(CLI, 'bert@example.com'), () => later(60), () => setAt('key:crm', OWN), forgotten],
        ],
        [
          'a person whose address the asker set long ago',
          [() => invitedAt(CLI, 'bert@example.com'), () => setAt('key:crm', OWN), () => later(400), forgotten],
        ],
        [
          'a person whom the asker invited long ago to its own address',
          [() => invitedAt('key:crm', OWN), () => later(31), forgotten],
        ],
        [
          'a person who got another address less than 30 days ago',
          [() => invitedAt('key:crm', OWN), () => later(60), () => setAt(CLI, 'bert@example.com'), () => later(29)],
        ],
        [
          'a person who has no address since less than 30 days',
          [() => invitedAt('key:crm', OWN), () => later(60), () => setAt(CLI, null), () => later(29)],
        ],
      ])('%s', async (_what, steps) => {
        for (const step of steps) await step();
        const id = await asked();
        await expect(approve(over('operator:bert'), id)).rejects.toMatchObject({
          refusal: 'second_person_needed',
          detail: expect.stringContaining('key:crm may be both'),
        });
        expect(await balance()).toBe('5.000000');
        expect(await approve(over('key:other'), id)).toMatchObject({ moved: true });
      });

      test('a person whose address another one set is another one, 30 days after the asker’s own ended', async () => {
        await invitedAt('key:crm', OWN);
        await later(60);
        await setAt(CLI, 'bert@example.com');
        await later(31);
        await setOperator(by('key:crm'), 'bert', { roles: ['admin', 'support'] });
        expect(await approve(over('operator:bert'), await asked())).toMatchObject({ moved: true });
      });
    });

    test('a key is another one if its maker was invited long before', async () => {
      await invited('key:crm', 'bert');
      await key('operator:bert', 'boss');
      await aged('operator bert', 100);
      await aged('key boss', 60);
      expect(await approve(over('key:boss'), await asked())).toMatchObject({ moved: true });
      for (const object of ['operator bert', 'key boss']) await aged(object, 0);
    });

    test('others are: whose keys the command line made, whom the asker invited long ago, and whose secret of the asker ended long ago', async () => {
      await key(CLI, 'crm');
      await key(CLI, 'first');
      const { view } = await key(CLI, 'second');
      await rotateApiKey(by('key:crm'), 'second');
      await invited('key:crm', 'bert');
      await aged('operator bert', 31);
      const rotated = await db.database('astapikey').whereNot({ api_key_id: view.apiKeyId }).max({ id: 'api_key_id' });
      await revokeApiKey(by(CLI), 'second', Number(rotated[0]?.id));
      const ids = [await asked(), await asked({ reference: 'b' }), await asked({ reference: 'c' })];
      await expect(approve(over('key:second'), ids[0] as number)).rejects.toMatchObject({
        refusal: 'second_person_needed',
      });
      await db
        .database('astapikey')
        .whereNotNull('revoked_at')
        .update({ revoked_at: long(31) });
      for (const [index, approver] of ['key:first', 'key:second', 'operator:bert'].entries()) {
        expect(await approve(over(approver), ids[index] as number)).toMatchObject({ moved: true });
      }
      // The proof of the trail would find it.
      await aged('operator bert', 0);
    });
  });

  test('after a week it is neither approved nor refused; asked for again it is another request', async () => {
    const id = await asked();
    const [row] = await db.database('astapproval');
    expect(row.expires_at - row.created_at).toBe(7 * 86_400_000);
    await db.database('astapproval').update({ expires_at: db.database.raw('UTC_TIMESTAMP(3)') });
    for (const decide of [approve, refuseApproval]) {
      await expect(decide(over('key:boss'), id)).rejects.toMatchObject({ refusal: 'approval_expired' });
    }
    expect(await states()).toEqual(['expired']);
    const next = await asked();
    expect(next).not.toBe(id);
    expect(await approve(over('key:boss'), next)).toMatchObject({ moved: true });
    expect(await balance()).toBe('505.000000');
  });

  test('an account that was closed meanwhile refuses it; opened again, it takes it', async () => {
    await moveMoney(actingAs('cli:root', db.database), {
      accountcode: 'alice',
      kind: 'adjustment',
      amount: '-5',
      reference: 'out',
    });
    const id = await asked();
    await closeAccount(actingAs('cli:root', db.database), 'alice');
    await expect(approve(over('key:boss'), id)).rejects.toMatchObject({ refusal: 'account_closed' });
    expect(await states()).toEqual(['open']);
    expect(await balance()).toBe('0.000000');
    await setAccountStatus(actingAs('cli:root', db.database), 'alice', 'active');
    expect(await approve(over('key:boss'), id)).toMatchObject({ moved: true });
  });

  test('what would be refused at once is not written down, and what was moved before is not asked for', async () => {
    const wrong: [Partial<MoneyRequest>, string][] = [
      [{ accountcode: 'nobody' }, 'account_not_found'],
      [{ kind: 'adjustment', amount: '-500.00' }, 'more_than_available'],
      [{ kind: 'refund', reference: 'no-call', ofCall: true }, 'call_not_found'],
      [{ amount: '-500.00' }, 'amount_not_positive'],
    ];
    for (const [more, refusal] of wrong) await expect(move(over('key:crm'), more)).rejects.toMatchObject({ refusal });
    await move(actingAs('cli:root', db.database), { reference: 'by hand' });
    expect(await move(over('key:crm'), { reference: 'by hand' })).toMatchObject({ moved: false, approval: null });
    expect(await states()).toEqual([]);
  });

  test('the same reference again is the same request, with another amount it is refused; moved by hand meanwhile, it moves nothing', async () => {
    const id = await asked();
    expect(await asked()).toBe(id);
    await expect(move(over('key:crm'), { amount: '501.00' })).rejects.toMatchObject({ refusal: 'reference_reused' });
    await move(actingAs('cli:root', db.database));
    expect(await balance()).toBe('505.000000');
    expect(await approve(over('key:boss'), id)).toMatchObject({ moved: false, balance: parseAmount('505.00') });
    expect(await balance()).toBe('505.000000');
    expect(await states()).toEqual(['approved']);
  });

  test('the same request by two at once is written down once', async () => {
    const pools = [0, 1].map(() => openDatabase(db.url, { most: 1 }));
    const found = await Promise.all(pools.map((pool, number) => move(over(`key:crm-${number}`, ['admin'], pool))));
    await Promise.all(pools.map(pool => pool.destroy()));
    expect(found[0]?.approval).toBe(found[1]?.approval);
    expect(await states()).toEqual(['open']);
  });

  test('money that is taken, and an overdraft, are kept as they were asked for', async () => {
    const id = await asked({ kind: 'adjustment', amount: '-500.00', overdraw: true });
    expect(await approve(over('key:boss'), id)).toMatchObject({ moved: true, balance: parseAmount('-495.00') });
    const refund = await asked({ kind: 'refund', amount: '600.00', reference: 'fault' });
    expect(await approve(over('key:boss'), refund)).toMatchObject({ moved: true, balance: parseAmount('105.00') });
    expect(await db.database('astledger').orderBy('entry_id').pluck('kind')).toEqual([
      'top_up',
      'adjustment',
      'refund',
    ]);
  });

  test('an account does not open with so much; without the setting, and on the command line, nobody waits', async () => {
    const account = { accountcode: 'bob', deck: 'retail', balance: '100.01' };
    await expect(createAccount(over('key:crm'), account)).rejects.toMatchObject({ refusal: 'second_person_needed' });
    const none = { ...over('key:crm'), limits: limitsOf(['admin'], { secondPersonAbove: null }) };
    expect(await move(none, { reference: 'none' })).toMatchObject({ moved: true });
    expect(await json(db.url, ['account', 'topup', 'alice', '500', '--reference', 'cli'])).toMatchObject({
      moved: true,
      approval: null,
    });
  });

  test('a cashier asks beyond its limit of the day, and that counts for none', async () => {
    const { approval } = await move(over('key:till', ['cashier']));
    expect(await approve(over('key:boss'), approval as number)).toMatchObject({ moved: true });
    expect(await db.database('astcashierday')).toEqual([]);
  });

  test('is decided on the command line too', async () => {
    const [first, second] = [await asked(), await asked({ reference: 'other' })];
    expect((await json(db.url, ['approval', 'list'])).items).toMatchObject([{ approval: second }, { approval: first }]);
    expect((await ringfence(db.url, ['approval', 'approve', String(first)])).out).toBe(
      'account topup of 500.00 to alice: balance 505.00, available 505.00\n',
    );
    expect((await ringfence(db.url, ['approval', 'refuse', String(second)])).exitCode).toBe(0);
    expect((await ringfence(db.url, ['approval', 'approve', String(second)])).exitCode).toBe(3);
    expect((await ringfence(db.url, ['approval', 'approve', '99'])).err).toContain('approval 99 does not exist');
    expect((await json(db.url, ['approval', 'list', '--all'])).items).toHaveLength(2);
  });
});
