/** Books with some of everything, so that every operation has something to do; and what it made of cards and vouchers. */
import type { Knex } from 'knex';
import pino from 'pino';
import { createApiKey } from '../src/access/api-key-store';
import { OPERATIONS } from '../src/admin/operations';
import { reports } from '../src/admin/reports';
import { Ledger } from '../src/credit/ledger';
import type { PoolRequest } from '../src/credit/rules/pool';
import { parseAmount } from '../src/money/micros';
import { actingAs, type Service } from '../src/operator/acting';
import { perform, type Role } from '../src/operator/operation';
import { EVERYTHING } from '../src/operator/visible';
import { Known } from './known';
import type { Done } from './money';
import type { By } from './requests';

export const PIN_KEY = 'a-secret-of-thirty-two-characters-0';

/** Movements above this wait for a second person. */
export const SECOND_PERSON_ABOVE = '1000';

export interface Fixture {
  known: Known;
  keys: Record<By, string>;
  /** What a request would have made: the money of it may be moved later. */
  made: Done[];
}

const ROLES: Record<By, Role[]> = {
  first: ['admin'],
  second: ['admin'],
  support: ['support'],
  cashier: ['cashier'],
  read: ['read'],
  customer: ['customer'],
};

const OLD_VERSIONS = 40;
const SESSIONS = 40;

/** `receiver`: where webhooks may post to. */
export async function makeBooks(url: string, database: Knex, receiver: string): Promise<Fixture> {
  const known = new Known();
  const service: Service = {
    maxCallSeconds: 3_600,
    ringSeconds: 60,
    barredPrefixes: [],
    emergencyNumbers: ['112'],
    pinKeys: [PIN_KEY],
    secondPersonAbove: null,
    webhookAllow: [{ host: '127.0.0.1', port: null }],
    shownSettings: [],
    mailer: null,
    hangUpOn: node => {
      throw new Error(`no switch is called ${node}`);
    },
  };
  // biome-ignore lint/suspicious/noExplicitAny: the result of any operation
  const run = async (name: string, input: Record<string, unknown>): Promise<any> => {
    const declared = OPERATIONS.find(each => each.name === name);
    if (!declared) throw new Error(`there is no operation ${name}`);
    return perform(declared, { ...actingAs('fuzz', database), service, visible: EVERYTHING }, input);
  };
  for (const deck of ['retail', 'wholesale']) known.add('version', ...(await addDeck(database, deck, 'EUR')));
  await addDeck(database, 'dollars', 'USD');
  known.add('deck', 'retail', 'retail', 'retail', 'wholesale', 'dollars');

  for (const code of ['alice', 'bob', 'ali ce/?&#%', 'Zoë 😀', 'x'.repeat(79)]) {
    await run('account create', { accountcode: code, deck: 'retail', balance: '10000' });
    known.add('account', code, ...(code === 'alice' ? [code, code] : []));
  }
  const numbered = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}-${index}`);
  for (const code of numbered('empty', 30)) {
    await run('account create', { accountcode: code, deck: 'retail' });
    known.add('empty', code);
  }
  for (const code of numbered('busy', 6)) {
    await run('account create', { accountcode: code, deck: 'retail', balance: '100000', max_time: 100_000 });
    known.add('busy', code);
  }
  await addCalls(url, known);

  for (const trunk of ['carrier', 'second']) {
    await run('trunk add', { trunk, endpoint: 'PJSIP/{number}@carrier' });
    known.add('trunk', trunk);
  }
  for (const trunk of numbered('spare', 10)) {
    await run('trunk add', { trunk, endpoint: 'PJSIP/{number}@spare' });
    known.add('spare-trunk', trunk);
  }
  for (const prefix of ['', '49', '43', '33', '39', '44']) {
    await run('route add', { prefix, trunk: 'carrier' });
    known.add('route', { prefix, trunk: 'carrier' });
  }
  for (let number = 4_930_000; number < 4_930_010; number++) {
    await run('caller add', { number: String(number), accountcode: 'alice' });
    known.add('caller', String(number));
  }
  known.add('receiver', receiver);
  await run('webhook add', { webhook: 'receiver', url: receiver, kinds: ['low_balance'] });
  known.add('webhook', 'receiver');
  for (const webhook of numbered('hook', 6)) {
    await run('webhook add', { webhook, url: receiver, kinds: ['low_balance'] });
    known.add('spare-webhook', webhook);
  }
  for (const name of numbered('key', 10)) {
    await run('key create', { name, roles: ['read'] });
    known.add('key', name);
  }
  for (const name of numbered('person', 10)) {
    await run('operator invite', { name, roles: ['support'] });
    known.add('operator', name);
  }
  await addSessions(database, run, known);
  known.add('report', ...reports().map(({ name }) => name));

  const keys = {} as Record<By, string>;
  for (const by of Object.keys(ROLES) as By[]) {
    const key = { apiKey: `fuzz-${by}`, roles: ROLES[by], ...(by === 'customer' && { accountcode: 'alice' }) };
    keys[by] = (await createApiKey(actingAs('fuzz', database), key)).secret;
  }
  await run('cashier limit', { actor: 'key:fuzz-cashier', daily_limit: '100000' });
  return { known, keys, made: await makeCodes(run, known) };
}

/** A deck of one price, with old versions. Returns those that can be deleted. */
async function addDeck(database: Knex, deck: string, currency: string): Promise<{ deck: string; version: number }[]> {
  const old: { deck: string; version: number }[] = [];
  const add = async (): Promise<number> => {
    const row = { deck, source: 'fuzz', rates: 2, imported_at: '2020-01-01' };
    const [version] = await database('astratedeckversion').insert(row);
    const rate = { version, price_per_minute: '1.00', connect_fee: '0', minimum_charge: '0', grace_seconds: 0 };
    const increments = { initial_increment_seconds: 60, increment_seconds: 60 };
    await database('astrate').insert([
      { ...rate, ...increments, prefix: '', line: 2, destination: 'Anywhere' },
      { ...rate, ...increments, prefix: '49', line: 3, destination: 'Germany' },
    ]);
    return version as number;
  };
  for (let count = 0; count < OLD_VERSIONS; count++) old.push({ deck, version: await add() });
  await database('astratedeck').insert({ deck, currency, version: await add() });
  return old;
}

const NODE = 'ast1';

/** Calls that were charged, for refunds; calls in progress, on accounts and in pools. */
async function addCalls(databaseUrl: string, known: Known): Promise<void> {
  const ledger = new Ledger({
    databaseUrl,
    lanes: 1,
    limits: { maxCallSeconds: 3_600, barredPrefixes: [] },
    startDeadlineMs: 30_000,
    batchDeadlineMs: 30_000,
    log: pino({ level: 'silent' }),
  });
  const beganAt = Date.now() - 600_000;
  let calls = 0;
  const start = async (accountcode: string, pool?: PoolRequest): Promise<string> => {
    const uniqueid = `${NODE}-${beganAt}.${++calls}`;
    const call = { uniqueid, accountcode, node: NODE, src: '100', dst: '4930123456', startAt: beganAt };
    const more = { emergency: false, routable: true, ringSeconds: 60, ...(pool && { pool }) };
    const outcome = await ledger.start({ ...call, ...more });
    if (!('granted' in outcome)) throw new Error(`the fixture's call was refused: ${JSON.stringify(outcome)}`);
    known.add('call', uniqueid);
    return uniqueid;
  };
  try {
    for (let count = 0; count < 20; count++) {
      const uniqueid = await start('alice');
      const answerAt = beganAt + 2_000;
      const end = { answerAt, endAt: answerAt + 300_000, disposition: 'ANSWERED', hangupCause: 16 } as const;
      const seen = { hangupSource: 'caller', evidence: 'event' } as const;
      await ledger.end({ uniqueid, accountcode: 'alice', trunk: 'carrier', end: { ...end, ...seen } });
      known.add('charged-call', uniqueid);
    }
    for (let count = 0; count < 6; count++) await start(`busy-${count}`);
    for (const customer of ['john', 'jane', 'joe']) {
      await start(`pool:${customer}`, GROUP);
      known.add('pool', customer);
    }
  } finally {
    await ledger.close();
  }
}

/** 1.00 a minute, by the second. */
const GROUP: PoolRequest = {
  tariff: {
    pricePerMinute: parseAmount('1'),
    connectFee: parseAmount('0'),
    minimumCharge: parseAmount('0'),
    initialIncrementSeconds: 1,
    incrementSeconds: 1,
    graceSeconds: 0,
    freeSeconds: 0,
    steps: [],
  },
  maxCredit: parseAmount('10'),
  maxTimeSeconds: 100_000,
  maxChannels: 0,
  maxCallsPerSecond: 0,
};

// biome-ignore lint/suspicious/noExplicitAny: the result of any operation
type Run = (name: string, input: Record<string, unknown>) => Promise<any>;

/** Sessions of a person that no other request names, so that each can be ended once. */
async function addSessions(database: Knex, run: Run, known: Known): Promise<void> {
  await run('operator invite', { name: 'held', roles: ['read'] });
  const { operator_id } = await database('astoperator').where({ operator: 'held' }).first('operator_id');
  for (let count = 0; count < SESSIONS; count++) {
    const token_hash = String(count).padStart(64, '0');
    const [number] = await database('astsession').insert({ token_hash, operator_id, address: '127.0.0.1' });
    known.add('session', number as number);
  }
}

/** A batch of each kind, in use. */
async function makeCodes(run: Run, known: Known): Promise<Done[]> {
  const [cards, vouchers] = [
    { batch: 'summer', count: 10, value: '5', deck: 'retail' },
    { batch: 'top', count: 40, value: '7.50', currency: 'EUR' },
  ];
  const { issued: pins } = await run('card generate', cards);
  const { issued: codes } = await run('voucher generate', vouchers);
  await run('voucher activate', { batch: 'top' });
  known.add('card-batch', cards.batch);
  known.add('voucher-batch', vouchers.batch);
  known.add('card', ...pins.map(({ serial }: { serial: number }) => serial));
  known.add('voucher', ...codes.map(({ serial }: { serial: number }) => serial));
  known.add('voucher-code', ...codes.map(({ code }: { code: string }) => code));
  const done = { status: 201, isRepeat: false };
  return [
    { ...done, operation: 'cardGenerate', asked: cards, told: { batch: cards.batch, cards: pins } },
    { ...done, operation: 'voucherGenerate', asked: vouchers, told: { batch: vouchers.batch, vouchers: codes } },
  ];
}
