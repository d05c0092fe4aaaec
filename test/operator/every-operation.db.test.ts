/** Every declared operation, done once on the command line, and what it leaves in the trail: exactly one row where it changes something. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { IV_BYTES, SECRET_BYTES, sealed } from '../../src/access/second-factor';
import { moveMoney } from '../../src/accounts/move-money';
import { OPERATIONS } from '../../src/admin/operations';
import { answerText } from '../../src/http/api-answer';
import { ZERO } from '../../src/money/micros';
import { isOfCustomers, perform } from '../../src/operator/operation';
import { ringfence } from '../cli/cli-fixture';
import { addDeck, callOf, endOf, group, openLedger, talked } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { verdictOnAnswer, verdictOnFacts } from '../http/answer-verdict';
import { openReceiver, type TestReceiver } from '../webhooks/receiver-fixture';
import { requestBy } from './operator-fixture';

const ENVIRONMENT = {
  RINGFENCE_PIN_KEY: 'a-secret-of-thirty-two-characters-0,an-older-one-of-thirty-two-chars-0',
  RINGFENCE_WEBHOOK_ALLOW: '127.0.0.1',
};
const SECRET = 'my-own-secret-0123456789';
const RATES = 'prefix,destination,price_per_minute,connect_fee,initial_increment,increment\n49,Germany,1.00,0,60,60\n';

/** What customers do has no command: test/http/own.db.test.ts. */
const OF_OPERATORS = OPERATIONS.filter(declared => !isOfCustomers(declared))
  .map(({ name }) => name)
  .sort();

/** Done in another test, as it asks a switch. */
const ELSEWHERE = ['call hangup'];

describe.each(engines)('every operation of an operator, %s', engine => {
  let db: TestDatabase;
  let receiver: TestReceiver;
  let folder: string;
  const done = new Set<string>();
  /** What is wrong with the answer to each operation that was done, as the API would give it. */
  const verdicts: [name: string, verdict: string][] = [];
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    receiver = await openReceiver();
    folder = mkdtempSync(join(tmpdir(), 'ringfence-every-'));
    writeFileSync(join(folder, 'rates.csv'), RATES);
    writeFileSync(join(folder, 'holidays.csv'), 'day,name\n2026-12-31,Silvester\n');
    for (const declared of OPERATIONS.filter(({ answer }) => answer.kind !== 'stream')) {
      const run = declared.run.bind(declared);
      jest.spyOn(declared, 'run').mockImplementation(async (acting, input) => {
        const result = await run(acting, input);
        const told = JSON.parse(answerText(declared, input, result));
        verdicts.push([declared.name, verdictOnAnswer(declared.name, told)]);
        return result;
      });
    }
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    expect((await ringfence(db.url, ['verify'])).exitCode).toBe(0);
    rmSync(folder, { recursive: true });
    await receiver.close();
    await db.drop();
  });

  const ran = async (words: string[], input = '') => {
    const { exitCode, out, err } = await ringfence(db.url, [...words, '--json'], ENVIRONMENT, input);
    expect({ words, exitCode, err }).toEqual({ words, exitCode: 0, err: '' });
    const declared = OPERATIONS.filter(({ name }) => `${words.join(' ')} `.startsWith(`${name} `));
    const { name } = declared.sort((one, other) => other.name.length - one.name.length)[0] as (typeof OPERATIONS)[0];
    done.add(name);
    if (!name.endsWith(' export')) return { name, told: JSON.parse(out) };
    const lines = out.trimEnd().split('\n');
    for (const line of lines) expect([name, verdictOnFacts(name, JSON.parse(line))]).toEqual([name, '']);
    return { name, told: null };
  };
  const trail = () => db.database('astaudit').orderBy('audit_id').select('actor', 'operation', 'object');

  /** Does what changes something; its row names `object`. */
  async function changes(object: string, words: string[], input?: string) {
    const before = (await trail()).length;
    const { name, told } = await ran(words, input);
    const row = { actor: `cli:${userInfo().username}`, operation: name, object };
    expect((await trail()).slice(before)).toEqual([row]);
    return told;
  }

  /** Does what only looks. */
  async function looks(...words: string[]) {
    const before = (await trail()).length;
    const { told } = await ran(words);
    expect((await trail()).slice(before)).toEqual([]);
    return told;
  }

  test('leaves one row by its name, its actor and its object where it changes something, and none where it looks; no code or secret is in one', async () => {
    const ledger = openLedger(db);
    const rates = join(folder, 'rates.csv');
    const imported = () => changes('deck retail', ['deck', 'import', 'retail', rates, '--currency', 'EUR']);
    const [oldest, older] = [(await imported()).version, (await imported()).version];
    const loaded = String((await imported()).version + 1);
    await looks('deck', 'list');
    await looks('deck', 'show', 'retail');
    await looks('deck', 'rates', 'retail');
    await changes(`version ${loaded} of deck retail`, ['deck', 'load', 'retail', rates]);
    await looks('deck', 'preview', 'retail', loaded);
    await looks('deck', 'compare', 'retail', loaded);
    await looks('deck', 'weigh', 'retail', loaded);
    await changes('deck retail', ['deck', 'publish', 'retail', loaded]);
    await changes('deck retail', ['deck', 'restore', 'retail', String(older), '--compared-with', loaded]);
    await changes('deck retail', ['deck', 'restore', 'retail', loaded, '--compared-with', String(older)]);
    await db.database('astratedeckversion').update({ imported_at: '2026-06-01 00:00:00' });
    await changes(`version ${oldest} of deck retail`, ['deck', 'delete-version', 'retail', String(oldest)]);
    await changes(`version ${older} of deck retail`, ['deck', 'prune', 'retail', '--keep', '1']);
    await changes('deck acme', ['deck', 'parent', 'acme', '--parent', 'retail', '--markup-percent', '12.5']);

    const columns = ['--names', 'Code,Rate', '--meanings', 'code,price', '--increments', '60/1'];
    await changes('sheet of deck retail', ['sheet', 'keep', 'retail', ...columns]);
    await looks('sheet', 'show', 'retail');
    await changes('sheet of deck retail', ['sheet', 'remove', 'retail']);

    await changes('schedule peak', ['schedule', 'set', 'peak', '--hours', 'Mo-Fr 08:00-20:00', '--calendar', 'de']);
    await looks('schedule', 'list');
    await looks('schedule', 'show', 'peak');
    await changes('schedule peak', ['schedule', 'remove', 'peak']);
    const years = ['--country', 'DE', '--from-year', '2026', '--until-year', '2027'];
    await changes('calendar de', ['holiday', 'fill', 'de', ...years]);
    await changes('calendar de', ['holiday', 'import', 'de', join(folder, 'holidays.csv')]);
    const feast = ['de', '2026-12-24'];
    await changes('holiday 2026-12-24 of calendar de', ['holiday', 'set', ...feast, '--name', 'Heiligabend']);
    await looks('holiday', 'list', '--calendar', 'de', '--year', '2026');
    await changes('holiday 2026-12-24 of calendar de', ['holiday', 'remove', ...feast]);

    await changes('trunk carrier', ['trunk', 'add', 'carrier', '--endpoint', 'PJSIP/{number}@carrier']);
    await changes('trunk carrier', ['trunk', 'set', 'carrier', '--next-on-busy', 'yes']);
    await looks('trunk', 'show', 'carrier');
    await looks('trunk', 'list');
    const route = ['--prefix', '49', '--trunk', 'carrier'];
    await changes('route 49 to carrier', ['route', 'add', ...route]);
    await changes('route 49 to carrier', ['route', 'set', ...route, '--priority', '1']);
    await changes('trunk spare', [
      'trunk',
      'add',
      'spare',
      '--endpoint',
      'PJSIP/{number}@spare',
      '--cost-deck',
      'retail',
    ]);
    await changes('route 49 to spare', ['route', 'add', '--prefix', '49', '--trunk', 'spare']);
    await looks('route', 'list');
    await looks('route', 'show', '--prefix', '49');
    await changes('routes of 49', ['route', 'order', '--prefix', '49', '--trunks', 'spare,carrier']);

    await changes('account alice', ['account', 'create', 'alice', '--deck', 'retail', '--balance', '9.00']);
    await changes('account alice', ['account', 'set', 'alice', '--max-time', '600']);
    await changes('account alice', ['account', 'topup', 'alice', '1', '--reference', 'paid']);
    await changes('account alice', ['account', 'refund', 'alice', '1', '--reference', 'fault']);
    await changes('account alice', ['account', 'adjust', 'alice', '-1', '--reference', 'fix']);
    await looks('account', 'list');
    await looks('account', 'show', 'alice');
    await looks('ledger', 'list', '--account', 'alice');
    await looks('ledger', 'list');
    await looks('rate', 'explain', '--account', 'alice', '--to', '49301', '--seconds', '61');
    await looks('route', 'explain', '--account', 'alice', '--to', '49301', '--seconds', '61');

    const call = callOf('alice');
    const pooled = callOf('', group('john', '10', 600));
    for (const request of [call, pooled]) expect(await ledger.start(request)).toMatchObject({ granted: {} });
    await looks('reservation', 'list');
    await looks('call', 'list');
    await looks('call', 'live');
    await looks('call', 'show', call.uniqueid);
    await looks('call', 'explain', call.uniqueid);
    await looks('call', 'evidence', call.uniqueid);
    await changes('account alice', ['account', 'add-time', 'alice', '60']);
    await changes('account alice', ['account', 'hangup', 'alice', '--no-wait']);
    await changes('account alice', ['account', 'block', 'alice', '--no-wait']);
    await changes('account alice', ['account', 'unblock', 'alice']);
    await looks('pool', 'list');
    await looks('pool', 'show', 'john');
    await changes('pool john', ['pool', 'raise', 'john', '5.00']);
    await changes('pool john', ['pool', 'add-time', 'john', '60']);
    await changes('pool john', ['pool', 'hangup', 'john', '--no-wait']);
    for (const request of [call, pooled]) await ledger.end(endOf(request, talked(60)));
    await ledger.close();

    await changes('caller 4930', ['caller', 'add', '+4930', 'alice']);
    await looks('caller', 'list');
    await changes('caller 4930', ['caller', 'remove', '4930']);

    const newCards = ['--batch', 'summer', '--count', '2', '--value', '5', '--deck', 'retail'];
    const { cards } = await changes('cards 1 to 2', ['card', 'generate', ...newCards]);
    await changes('cards 1 to 2', ['card', 'activate', '--batch', 'summer']);
    await changes('cards 1 to 2', ['card', 'block', '--batch', 'summer']);
    await changes('cards 1 to 2', ['card', 'unblock', '--batch', 'summer']);
    await looks('card', 'batches');
    await looks('card', 'list');
    await looks('card', 'show', '1');
    await looks('card', 'export', '--batch', 'summer');
    const newVouchers = ['--batch', 'top', '--count', '2', '--value', '5', '--currency', 'EUR'];
    const { vouchers } = await changes('vouchers 1 to 2', ['voucher', 'generate', ...newVouchers]);
    await changes('vouchers 1 to 2', ['voucher', 'activate', '--batch', 'top']);
    await changes('vouchers 1 to 2', ['voucher', 'block', '--batch', 'top']);
    await changes('vouchers 1 to 2', ['voucher', 'unblock', '--batch', 'top']);
    await changes('account alice', ['voucher', 'redeem', 'alice', '--code-file', '-'], vouchers[0].code);
    await looks('voucher', 'batches');
    await looks('voucher', 'list');
    await looks('voucher', 'show', '1');
    await looks('voucher', 'export', '--batch', 'top');

    const words = ['webhook', 'add', 'crm', '--url', receiver.url, '--secret-file', '-'];
    expect(await changes('webhook crm', words, `${SECRET}\n`)).not.toHaveProperty('secret');
    await looks('webhook', 'list');
    await looks('webhook', 'dead');
    await looks('webhook', 'test', 'crm');
    const { webhook_id } = await db.database('astwebhook').first('webhook_id');
    const { event_id } = await db.database('astoutbox').first('event_id');
    const at = '2026-06-01 00:00:00';
    await db.database('astdelivery').insert({ webhook_id, event_id, state: 'dead', next_at: at, ended_at: at });
    await looks('webhook', 'deliveries', 'crm');
    await changes('webhook crm', ['webhook', 'retry', 'crm', '--all']);
    await changes('webhook crm', ['webhook', 'pause', 'crm']);
    await changes('webhook crm', ['webhook', 'resume', 'crm']);
    await changes('webhook crm', ['webhook', 'remove', 'crm']);
    await looks('event', 'list');
    await db.database('astoutbox').update({ dispatched: 1, created_at: '2020-01-01 00:00:00' });
    await changes('events older than 30 days', ['event', 'prune', '--days', '30']);

    const issued = [
      await changes('key crm', ['key', 'create', 'crm', '--roles', 'read']),
      await changes('key crm', ['key', 'rotate', 'crm']),
    ];
    await looks('key', 'list');
    await changes('key crm', ['key', 'revoke', 'crm']);

    const anna = (...words: string[]) => changes('operator anna', ['operator', ...words]);
    const invited = [await anna('invite', 'anna', '--roles', 'read'), await anna('reset', 'anna')];
    await anna('set', 'anna', '--roles', 'support');
    const { operator_id } = await db.database('astoperator').first('operator_id');
    const token_hash = 'a'.repeat(64);
    const [number] = await db.database('astsession').insert({ operator_id, token_hash, address: '127.0.0.1' });
    await looks('session', 'list');
    await changes('operator anna', ['session', 'revoke', String(number)]);
    await anna('block', 'anna');
    await anna('unblock', 'anna');
    await looks('operator', 'list');
    await looks('operator', 'show', 'anna');
    const formerKey = ENVIRONMENT.RINGFENCE_PIN_KEY.split(',')[1] as string;
    const secret = sealed(Buffer.alloc(SECRET_BYTES), operator_id, formerKey, Buffer.alloc(IV_BYTES));
    await db.database('astsecondfactor').insert({ operator_id, secret });
    await looks('pin-key', 'list');
    await changes('operator anna', ['pin-key', 'renew']);
    await changes('cashier key:till', ['cashier', 'limit', 'key:till', '500.00']);
    await looks('cashier', 'list');
    const limits = { isCashier: false, mostAlone: ZERO };
    for (const decision of ['approve', 'refuse', 'withdraw']) {
      const asker = decision === 'withdraw' ? `cli:${userInfo().username}` : 'key:crm';
      const acting = { ...requestBy(asker, db.database), limits };
      const movement = { accountcode: 'alice', kind: 'top_up', amount: '1.00', reference: decision } as const;
      const { approval } = await moveMoney(acting, movement);
      const object = decision === 'approve' ? 'account alice' : `approval ${approval}`;
      await changes(object, ['approval', decision, String(approval)]);
      await looks('approval', 'show', String(approval));
    }
    await looks('approval', 'list');

    await changes('route 49 to carrier', ['route', 'remove', ...route]);
    await changes('trunk carrier', ['trunk', 'remove', 'carrier']);
    await looks('account', 'spend', 'alice');
    await looks('account', 'statement', 'alice', new Date().toISOString().slice(0, 7));
    const { balance } = await looks('account', 'show', 'alice');
    await ran(['account', 'adjust', 'alice', `-${balance}`, '--reference', 'out']);
    await changes('account alice', ['account', 'close', 'alice']);
    await changes('job 1', ['job', 'verify']);
    await changes('job 2', ['job', 'reconcile', '--from', '2020-01-01T00:00Z']);
    await changes('job 2', ['job', 'stop', '2']);
    await looks('job', 'show', '1');
    await looks('job', 'list');
    await looks('audit', 'list');
    await looks('status');
    await looks('settings');
    await looks('report');

    expect(verdicts.filter(([, verdict]) => verdict !== '')).toEqual([]);
    const judged = new Set([...verdicts.map(([name]) => name), ...ELSEWHERE, 'card export', 'voucher export']);
    expect([...judged].sort()).toEqual(OF_OPERATORS);
    expect([...done, ...ELSEWHERE].sort()).toEqual(OF_OPERATORS);
    const everything = JSON.stringify(await db.database('astaudit'));
    const secrets = [
      SECRET,
      ...cards.map(({ pin }: { pin: string }) => pin),
      ...vouchers.map((each: { code: string }) => each.code),
      ...issued.map(({ secret }) => secret),
      ...invited.map(({ token }) => token),
    ];
    for (const secret of secrets) expect(everything).not.toContain(secret);
  });

  const declaredAs = (wanted: string) => OPERATIONS.find(({ name }) => name === wanted) as (typeof OPERATIONS)[0];

  test('a long operation tells how far it is; codes that cannot be kept are not made', async () => {
    await addDeck(db, 'long', [{}]);
    const request = requestBy('test', db.database, { pinKeys: [ENVIRONMENT.RINGFENCE_PIN_KEY] });
    const input = { batch: 'long', count: 450, value: '0', deck: 'long' };
    const full = () => {
      throw new Error('disk full');
    };
    await expect(perform(declaredAs('card generate'), { ...request, onIssue: full }, input)).rejects.toThrow(
      'disk full',
    );
    expect(await db.database('astcard').where({ batch: 'long' })).toEqual([]);
    const seen: [number, number | null][] = [];
    const kept: unknown[] = [];
    const lent = {
      onProgress: (part: number, count: number | null) => seen.push([part, count]),
      onIssue: (issued: readonly unknown[]) => kept.push(...issued),
    };
    expect(await perform(declaredAs('card generate'), { ...request, ...lent }, input)).toEqual({
      batch: 'long',
      issued: kept,
    });
    expect({ first: seen[0], last: seen.at(-1), kept: kept.length }).toEqual({
      first: [1, 450],
      last: [450, 450],
      kept: 450,
    });
    seen.length = 0;
    await perform(declaredAs('card activate'), { ...request, ...lent }, { batch: 'long' });
    expect(seen).toEqual([
      [200, 450],
      [400, 450],
      [450, 450],
    ]);
  });

  test('an export of no batch is refused before its first row, and an import without a file does nothing', async () => {
    const request = requestBy('test', db.database);
    for (const name of ['card export', 'voucher export']) {
      await expect(perform(declaredAs(name), request, { batch: 'none' })).rejects.toMatchObject({
        refusal: 'batch_not_found',
      });
    }
    for (const name of ['deck import', 'deck load'])
      await expect(perform(declaredAs(name), request, { deck: 'new', currency: 'EUR' })).rejects.toThrow(
        `${name} needs a file`,
      );
    await expect(perform(declaredAs('holiday import'), request, { calendar: 'de' })).rejects.toThrow(
      'holiday import needs a file',
    );
  });
});
