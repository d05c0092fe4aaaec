/** How a batch changes the accounts and calls that it found, one operation after the other. */
import type { Changes } from '../../src/credit/books';
import type { Start } from '../../src/credit/ledger-operation';
import { type Change, OpenBooks, type TrunkCostLookup, UNKNOWN_COST } from '../../src/credit/open-books';
import type { Account } from '../../src/credit/rules/account';
import { arrivedCall, type CallRecord, endedCall, grantedCall, refusedCall } from '../../src/credit/rules/call';
import type { CallEnd } from '../../src/credit/rules/charge';
import { grantUpTo } from '../../src/credit/rules/grant';
import type { StartRequest } from '../../src/credit/rules/start';
import { formatAmount, micros, parseAmount, ZERO } from '../../src/money/micros';
import { FREE_TARIFF } from '../../src/rating/price';
import type { Rate } from '../../src/rating/rate';
import { account, limits, NOON, rate, request } from './rules/rules-fixture';

const INVITE = 'a'.repeat(32);

/** A call in progress of alice's, by whole minutes of 1.00, that holds this much. */
function open(uniqueid: string, grantedSeconds: number, more: Partial<CallRecord> = {}): CallRecord {
  const offer = { tariff: rate(), rate: rate(), capSeconds: 3600, terms: account().terms };
  const grant = grantUpTo(offer, grantedSeconds, { money: parseAmount('1000'), seconds: Infinity });
  return { ...grantedCall(arrivedCall(request({ uniqueid }), 'EUR'), grant), ...more };
}

/** alice's account with what these calls hold. */
const holding = (calls: readonly CallRecord[], more: Partial<Account> = {}): Account =>
  account({
    activeCalls: calls.length,
    reserved: micros(calls.reduce((sum, { maxCost }) => sum + maxCost, 0n)),
    timeReservedSeconds: calls.reduce((sum, { grantedSeconds }) => sum + grantedSeconds, 0),
    ...more,
  });

/** Frozen: changing what was handed in throws. */
const booksOf = (accounts: readonly Account[], calls: readonly CallRecord[] = []): OpenBooks =>
  new OpenBooks(
    new Map(accounts.map(each => [each.accountcode, Object.freeze(each)])),
    new Map(calls.map(each => [each.uniqueid, Object.freeze(each)])),
    limits,
  );

const startOf = (more: Partial<StartRequest> = {}): Start => {
  const asked = request(more);
  return { kind: 'start', uniqueid: asked.uniqueid, accountcode: asked.accountcode, request: asked, lease: null };
};

const of = (uniqueid = 'up-1') => ({ uniqueid, accountcode: 'alice' });

const endOf = (seconds: number | null, more: Partial<CallEnd> = {}): CallEnd => ({
  answerAt: seconds === null ? null : NOON,
  endAt: NOON + (seconds ?? 5) * 1000,
  disposition: seconds === null ? 'NO ANSWER' : 'ANSWERED',
  hangupCause: 16,
  hangupSource: 'caller',
  evidence: 'event',
  ...more,
});

const noTrunkCost: TrunkCostLookup = () => UNKNOWN_COST;

/** What must be written, as short words. */
const told = ({ events }: Changes): string[] => events.map(({ kind }) => kind);
const written = (changes: Changes) => ({
  new: changes.newCalls.map(({ uniqueid }) => uniqueid),
  changed: changes.changedCalls.map(({ uniqueid }) => uniqueid),
  reserved: [...changes.newReservations, ...changes.changedReservations].map(
    ({ call, aliveSeconds }) => `${call.uniqueid} ${aliveSeconds} s`,
  ),
  freed: changes.freed,
  entries: changes.entries.map(({ kind, reference, amount }) => `${kind} ${reference} ${formatAmount(amount)}`),
  touched: changes.touched,
  used: changes.usedCards,
  told: told(changes),
});
const NOTHING = { new: [], changed: [], reserved: [], freed: [], entries: [], touched: [], used: [], told: [] };

describe('a start', () => {
  const refusedBefore = refusedCall(arrivedCall(request(), 'EUR'), 'no_route');
  const overBefore = endedCall(open('ast1-1.1', 60), endOf(10));
  const twin = open('up-1', 60, { dialog: INVITE });
  const pool = {
    maxCredit: parseAmount('5'),
    maxTimeSeconds: null,
    maxChannels: 0,
    maxCallsPerSecond: 0,
    tariff: rate(),
  };
  const shared = { ...account().terms, mode: 'shared' as const };

  test.each<[string, StartRow, string]>([
    [
      'granted',
      {
        outcome: { granted: { grantedSeconds: 600 }, callerBalance: { available: parseAmount('10'), seconds: 600 } },
        writes: { new: ['ast1-1.1'], reserved: ['ast1-1.1 720 s'], told: ['authorised'] },
      },
      '60 s to ring, 600 s of talk, a minute more; the caller hears what there was before the call held it',
    ],
    [
      'refused for money',
      {
        found: account({ balance: ZERO }),
        outcome: { refusal: 'insufficient_balance' },
        writes: { new: ['ast1-1.1'], told: ['refused'] },
      },
      'it leaves a CDR, and holds nothing',
    ],
    [
      'refused for a limit of the account',
      {
        found: account({ maxChannels: 1, activeCalls: 1 }),
        outcome: { refusal: 'too_many_calls' },
        writes: { new: ['ast1-1.1'], told: ['refused', 'cap_hit'] },
      },
      'an operator may want to hear of limits alone',
    ],
    [
      'of an unknown account',
      { found: null, outcome: { refusal: 'account_not_found' }, writes: {} },
      'strangers could fill the table of CDRs',
    ],
    [
      'of an emergency call without an account',
      {
        found: null,
        asked: { emergency: true },
        outcome: { granted: { grantedSeconds: 3600, maxCost: ZERO } },
        writes: { new: ['ast1-1.1'], reserved: ['ast1-1.1 3720 s'], told: ['authorised'] },
      },
      'it is let through, and leaves a CDR',
    ],
    [
      'that comes again while its call is in progress',
      {
        calls: [open('ast1-1.1', 120)],
        outcome: { granted: { grantedSeconds: 120 }, firstStartAt: NOON },
        writes: {},
      },
      'the first answer; a second reservation would hold the money twice',
    ],
    [
      'that comes again and was refused',
      { calls: [refusedBefore], outcome: { refusal: 'no_route' }, writes: {} },
      'the first answer, even if the call could start by now',
    ],
    [
      'that comes again after its call has ended',
      { calls: [overBefore], outcome: { refusal: 'uniqueid_reused' }, writes: {} },
      'a call is charged once',
    ],
    [
      'of a known uniqueid, to another number',
      { calls: [open('ast1-1.1', 120)], asked: { dst: '44' }, outcome: { refusal: 'uniqueid_reused' }, writes: {} },
      'it is another call, which nothing was reserved for',
    ],
    [
      "by a late copy of another call's INVITE",
      { calls: [twin], asked: { dialog: INVITE }, outcome: { refusal: 'invite_repeated' }, writes: {} },
      'it is no call of its own, and leaves no CDR',
    ],
    [
      'of a pool that has no call',
      {
        found: account({ accountcode: 'alice', kind: 'pool', terms: shared, balance: parseAmount('-0.25') }),
        asked: { pool },
        outcome: { granted: { grantedSeconds: 60 } },
        writes: {
          new: ['ast1-1.1'],
          reserved: ['ast1-1.1 180 s'],
          entries: ['adjustment ast1-1.1 0.25'],
          told: ['pool_opened', 'authorised'],
        },
      },
      'what was left since the last group of calls is entered, so that the entries stay the sum of the balance',
    ],
    [
      'of a pool with calls, with more credit',
      {
        found: account({
          kind: 'pool',
          terms: shared,
          balance: ZERO,
          creditLimit: parseAmount('1'),
          reserved: parseAmount('1'),
          activeCalls: 1,
        }),
        asked: { pool },
        outcome: { granted: { grantedSeconds: 60 } },
        writes: {
          new: ['ast1-1.1'],
          reserved: ['ast1-1.1 180 s'],
          touched: ['alice'],
          told: ['pool_raised', 'authorised'],
        },
      },
      'the calls that are in progress may use more as well',
    ],
    [
      'that waits for what other calls hold',
      {
        found: account({ terms: shared, balance: parseAmount('1'), reserved: parseAmount('1'), activeCalls: 1 }),
        outcome: { waiting: true },
        writes: { new: ['ast1-1.1'], reserved: ['ast1-1.1 120 s'], touched: ['alice'] },
      },
      'the services that carry the other calls have to look; the caller hears nothing yet',
    ],
    [
      'that waits, and asks again when there is room',
      {
        calls: [open('ast1-1.1', 0)],
        found: account({ activeCalls: 1 }),
        outcome: { granted: { grantedSeconds: 600 } },
        writes: { changed: ['ast1-1.1'], reserved: ['ast1-1.1 720 s'], told: ['authorised'] },
      },
      'it has its CDR and its place already',
    ],
    [
      'that waits, and asks a last time in vain',
      {
        calls: [open('ast1-1.1', 0)],
        found: account({ balance: ZERO, activeCalls: 1 }),
        asked: { lastTry: true },
        outcome: { refusal: 'insufficient_balance' },
        writes: { changed: ['ast1-1.1'], freed: ['ast1-1.1'], told: ['refused'] },
      },
      'its place is free again',
    ],
    [
      'that waits, and that an operator wants ended',
      {
        calls: [open('ast1-1.1', 0, { hangupWanted: true })],
        found: account({ activeCalls: 1 }),
        outcome: { refusal: 'account_blocked' },
        writes: { changed: ['ast1-1.1'], freed: ['ast1-1.1'], told: ['refused'] },
      },
      'room comes too late for it',
    ],
    [
      "granted, of a card's account",
      {
        found: account({ accountcode: 'card-7' }),
        asked: { accountcode: 'card-7' },
        outcome: { granted: { grantedSeconds: 600 } },
        writes: { new: ['ast1-1.1'], reserved: ['ast1-1.1 720 s'], used: ['card-7'], told: ['authorised'] },
      },
      'the first call that a card pays for begins its days, whoever let the caller in',
    ],
    [
      "that waits, of a card's account, and asks again when there is room",
      {
        calls: [open('ast1-1.1', 0, { accountcode: 'card-7' })],
        found: account({ accountcode: 'card-7', activeCalls: 1 }),
        asked: { accountcode: 'card-7' },
        outcome: { granted: { grantedSeconds: 600 } },
        writes: { changed: ['ast1-1.1'], reserved: ['ast1-1.1 720 s'], used: ['card-7'], told: ['authorised'] },
      },
      'while it waited it might still have been refused',
    ],
    [
      "refused, of a card's account",
      {
        found: account({ accountcode: 'card-7', balance: ZERO }),
        asked: { accountcode: 'card-7' },
        outcome: { refusal: 'insufficient_balance' },
        writes: { new: ['ast1-1.1'], told: ['refused'] },
      },
      'it spends nothing',
    ],
    [
      "of an emergency call, of a card's account",
      {
        found: account({ accountcode: 'card-7' }),
        asked: { accountcode: 'card-7', emergency: true },
        outcome: { granted: { maxCost: ZERO } },
        writes: { new: ['ast1-1.1'], reserved: ['ast1-1.1 3720 s'], told: ['authorised'] },
      },
      'it spends nothing',
    ],
    [
      "that comes again, of a card's account",
      {
        calls: [open('ast1-1.1', 120, { accountcode: 'card-7' })],
        found: account({ accountcode: 'card-7', activeCalls: 1 }),
        asked: { accountcode: 'card-7' },
        outcome: { granted: { grantedSeconds: 120 } },
        writes: {},
      },
      'it was used when it came first',
    ],
  ])('%s', (_name, { found = account(), calls = [], asked, outcome, writes }, _why) => {
    const books = booksOf(found ? [found] : [], calls);
    expect(books.start(startOf(asked), rate())).toMatchObject(outcome);
    expect(written(books.changes())).toEqual({ ...NOTHING, ...writes });
  });

  interface StartRow {
    found?: Account | null;
    calls?: CallRecord[];
    asked?: Partial<StartRequest>;
    outcome: object;
    writes: Partial<typeof NOTHING> | Partial<ReturnType<typeof written>>;
  }

  test('a grant that is less than a slice makes the account short: what is freed from now on is for all', () => {
    const books = booksOf([account({ terms: shared, balance: parseAmount('1') })]);
    books.start(startOf(), rate({ initialIncrementSeconds: 50, incrementSeconds: 50 }));
    expect(books.changes().accounts).toMatchObject([{ isShort: true }]);
  });
});

describe('each operation decides on what the ones before it left', () => {
  test('of two starts with money for one, the first is granted', () => {
    const books = booksOf([account({ balance: parseAmount('1') })]);
    expect(books.start(startOf(), rate())).toMatchObject({ granted: { maxCost: parseAmount('1') } });
    expect(books.start(startOf({ uniqueid: 'second' }), rate())).toEqual({ refusal: 'insufficient_balance' });
    expect(books.changes().accounts).toMatchObject([{ reserved: parseAmount('1'), activeCalls: 1 }]);
  });

  test('a call that ends frees what it held for one that starts, and both are one change of the account', () => {
    const up = open('up-1', 600);
    const books = booksOf([holding([up])], [up]);
    books.change({ kind: 'end', ...of(), trunk: '', end: endOf(60) }, noTrunkCost);
    expect(books.start(startOf(), rate())).toMatchObject({ granted: { maxCost: parseAmount('9') } });
    expect(books.changes().accounts).toMatchObject([
      { balance: parseAmount('9'), reserved: parseAmount('9'), activeCalls: 1, entryCount: 1 },
    ]);
  });

  test('a call that begins and ends in one batch leaves a CDR and its charge, and no reservation', () => {
    const books = booksOf([account()]);
    books.start(startOf(), rate());
    books.change({ kind: 'end', ...of('ast1-1.1'), trunk: '', end: endOf(61) }, noTrunkCost);
    expect(written(books.changes())).toEqual({
      ...NOTHING,
      new: ['ast1-1.1'],
      entries: ['call_charge ast1-1.1 -2.00'],
      told: ['authorised', 'settled'],
    });
    expect(books.changes().newCalls).toMatchObject([{ cost: parseAmount('2'), billsec: 61 }]);
  });

  test('of two starts by one INVITE the second is the copy, until the first has ended unanswered', () => {
    const books = booksOf([account({ balance: parseAmount('1000') })]);
    books.start(startOf({ dialog: INVITE }), rate());
    const again = startOf({ uniqueid: 'second', dialog: INVITE });
    expect(books.start(again, rate())).toEqual({ refusal: 'invite_repeated' });
    books.change({ kind: 'end', ...of('ast1-1.1'), trunk: '', end: endOf(null) }, noTrunkCost);
    expect(books.start(again, rate())).toMatchObject({ granted: {} });
  });
});

describe('what happens to a call', () => {
  const up = open('up-1', 120);
  const answeredUp = open('up-1', 120, { answerAt: NOON, trunk: 'main' });
  const over = endedCall(up, endOf(10));
  const free = open('up-1', 120, { currency: '', capSeconds: 0, maxCost: ZERO });
  const end = (seconds: number | null, more: Partial<CallEnd> = {}): Change => ({
    kind: 'end',
    ...of(),
    trunk: '',
    end: endOf(seconds, more),
  });
  const regrant = (kind: 'extend' | 'shrink', seconds: number): Change => ({ kind, ...of(), seconds, lease: null });
  const answer: Change = { kind: 'answer', ...of(), answerAt: NOON + 2000, trunk: 'main' };
  const release: Change = { kind: 'release', ...of(), refusal: 'overloaded', lease: null };

  interface ChangeRow {
    call?: CallRecord | null;
    found?: Partial<Account>;
    outcome: object;
    writes: object;
  }

  test.each<[string, Change, ChangeRow, string]>([
    [
      'an answer',
      answer,
      {
        outcome: { call: { answerAt: NOON + 2000, trunk: 'main' } },
        writes: { changed: ['up-1'], reserved: ['up-1 180 s'], told: ['answered'] },
      },
      'its talk begins now: a reservation lives for the grant and a minute',
    ],
    [
      'an answer that is told again',
      answer,
      { call: answeredUp, outcome: {}, writes: { changed: ['up-1'], reserved: ['up-1 180 s'] } },
      'every change is told once, also when another service takes the call over',
    ],
    [
      'a warning',
      { kind: 'warned', ...of(), secondsLeft: 30 },
      { outcome: { call: up }, writes: { told: ['warned'] } },
      'it moves no money and changes no CDR',
    ],
    [
      'a limit that was not kept',
      { kind: 'limit_not_kept', ...of() },
      { outcome: { call: up }, writes: { told: ['limit_not_kept'] } },
      'it moves no money and changes no CDR',
    ],
    [
      'an end after 61 s',
      end(61),
      {
        outcome: { isNews: true, call: { cost: parseAmount('2'), billedSeconds: 120 } },
        writes: { changed: ['up-1'], freed: ['up-1'], entries: ['call_charge up-1 -2.00'], told: ['settled'] },
      },
      'charged once, and the reservation goes',
    ],
    [
      'an end without an answer',
      end(null),
      {
        outcome: { isNews: true, call: { cost: ZERO, dialog: null } },
        writes: { changed: ['up-1'], freed: ['up-1'], told: ['settled'] },
      },
      'no entry of 0',
    ],
    [
      'an end at the limit, 3 s late',
      end(123, { hangupSource: 'limit' }),
      {
        outcome: { isNews: true, call: { cost: parseAmount('2'), overrunSeconds: 3 } },
        writes: {
          changed: ['up-1'],
          freed: ['up-1'],
          entries: ['call_charge up-1 -2.00'],
          told: ['cut', 'settled', 'overrun'],
        },
      },
      'not charged beyond what was ring-fenced; the operator has to hear of the switch',
    ],
    [
      'an end of a call of a short account',
      end(null),
      {
        found: { isShort: true, activeCalls: 2 },
        outcome: { isNews: true },
        writes: { changed: ['up-1'], freed: ['up-1'], touched: ['alice'], told: ['settled'] },
      },
      'what it gave back is for the calls that go on',
    ],
    [
      'an end of a call without a currency',
      end(61),
      {
        call: free,
        found: { activeCalls: 0, reserved: ZERO },
        outcome: { isNews: true },
        writes: { changed: ['up-1'], freed: ['up-1'], told: ['settled'] },
      },
      'it began without an account, and counts for nothing in one that was created since',
    ],
    ['an end that comes again', end(61), { call: over, outcome: { call: over }, writes: {} }, 'a call is charged once'],
    [
      'an end of an unknown call',
      end(61),
      { call: null, outcome: { call: null }, writes: {} },
      'the ledger never heard of it',
    ],
    [
      "an end of another account's call",
      { ...end(61), accountcode: 'bob' } as Change,
      { outcome: { call: null }, writes: {} },
      'two switches of one name could bring the same uniqueid',
    ],
    [
      "an extension of another account's call",
      { ...regrant('extend', 180), accountcode: 'bob' } as Change,
      { outcome: { grant: null }, writes: {} },
      'two switches of one name could bring the same uniqueid',
    ],
    [
      'an emergency call that the ledger hears of at its end',
      { ...end(61), unwritten: free } as Change,
      {
        call: null,
        outcome: { call: { uniqueid: 'up-1', cost: ZERO } },
        writes: { new: ['up-1'], told: ['settled'] },
      },
      'its CDR is written whole; nothing was reserved, so nothing is charged',
    ],
    [
      'a start that is taken back',
      release,
      {
        outcome: { call: { refusal: 'overloaded', endAt: NOON, cost: ZERO } },
        writes: { changed: ['up-1'], freed: ['up-1'], told: ['settled'] },
      },
      'its caller was refused meanwhile, and its money is free again',
    ],
    [
      'a start that is taken back after its end',
      release,
      { call: over, outcome: {}, writes: {} },
      'its end was charged',
    ],
    [
      'an extension to 180 s',
      regrant('extend', 180),
      {
        outcome: { grant: { grantedSeconds: 180, maxCost: parseAmount('3') } },
        writes: { changed: ['up-1'], reserved: ['up-1 240 s'], told: ['extended'] },
      },
      'the call may last longer',
    ],
    [
      'an extension to less than it holds',
      regrant('extend', 60),
      { outcome: { grant: { grantedSeconds: 120 } }, writes: {} },
      'an extension takes nothing from a call',
    ],
    [
      'an extension of a blocked account',
      regrant('extend', 180),
      { found: { blocked: true }, outcome: { grant: { grantedSeconds: 120 } }, writes: {} },
      'its calls have to end, though a switch may not know yet',
    ],
    [
      'an extension of a call that an operator wants ended',
      regrant('extend', 180),
      { call: { ...up, hangupWanted: true }, outcome: { grant: { grantedSeconds: 120 } }, writes: {} },
      'its switch may not know yet',
    ],
    [
      'an extension of a call that has ended',
      regrant('extend', 180),
      { call: over, outcome: { grant: null }, writes: {} },
      'its money is free already',
    ],
    [
      'an extension of an emergency call',
      regrant('extend', 180),
      { call: free, outcome: { grant: null }, writes: {} },
      'it shares nothing',
    ],
    [
      'a call that gives back a minute',
      regrant('shrink', 60),
      {
        outcome: { grant: { grantedSeconds: 60, limitedBy: 'money' } },
        writes: { changed: ['up-1'], reserved: ['up-1 120 s'], touched: ['alice'], told: ['shrunk'] },
      },
      'what it gave back is for the other calls, which have to be told',
    ],
    [
      'a call that would give back everything',
      regrant('shrink', 0),
      { outcome: { grant: { grantedSeconds: 120 } }, writes: {} },
      'a call in progress holds something',
    ],
    [
      'a call of a fixed limit that would give something back',
      regrant('shrink', 60),
      { call: { ...up, isFixed: true }, outcome: { grant: null }, writes: {} },
      'its switch was told the limit once',
    ],
  ])('%s', (_name, operation, { call = up, found, outcome, writes }, _why) => {
    const books = booksOf([holding([up], found)], call ? [call] : []);
    expect(books.change(operation, noTrunkCost)).toMatchObject(outcome);
    expect(written(books.changes())).toEqual({ ...NOTHING, ...writes });
  });

  test('the end of a call without a currency leaves the account as it is', () => {
    const books = booksOf([account()], [free]);
    books.change(end(61), noTrunkCost);
    expect(books.changes().accounts).toEqual([]);
  });

  test('the account after an extension and an end holds exactly what its calls hold', () => {
    const other = open('up-2', 60);
    const books = booksOf([holding([up, other])], [up, other]);
    books.change({ ...regrant('extend', 240), ...of('up-2') } as Change, noTrunkCost);
    books.change(end(61), noTrunkCost);
    expect(books.changes().accounts).toMatchObject([
      { balance: parseAmount('8'), reserved: parseAmount('4'), timeReservedSeconds: 240, activeCalls: 1 },
    ]);
  });

  test('an extension that the money ends makes a shared account short', () => {
    const terms = { ...account().terms, mode: 'shared' as const };
    const books = booksOf([holding([up], { terms, balance: parseAmount('3') })], [up]);
    expect(books.change(regrant('extend', 240), noTrunkCost)).toMatchObject({
      grant: { grantedSeconds: 180, limitedBy: 'money' },
    });
    expect(books.changes().accounts).toMatchObject([{ isShort: true }]);
  });

  test.each([
    [61, 'main', 0.5, 'an answered call'],
    [null, 'main', null, 'an unanswered call costs its trunk nothing'],
  ])('after %s s of talk by trunk %s its cost is %s: %s', (seconds, trunk, trunkCost, _why) => {
    const cost = { trunkCost: parseAmount('0.5'), trunkCurrency: 'USD' };
    const books = booksOf([holding([up])], [up]);
    const ended = { ...end(seconds), trunk } as Change;
    books.change(ended, (_call, by) => (by === 'main' ? cost : UNKNOWN_COST));
    const expected = trunkCost === null ? UNKNOWN_COST : cost;
    expect(books.changes().changedCalls).toMatchObject([{ trunk, ...expected }]);
  });

  test('the last call of a pool closes it, with an entry of what its calls cost', () => {
    const pool = holding([up], { kind: 'pool', balance: parseAmount('-1'), creditLimit: parseAmount('10') });
    const books = booksOf([pool], [up]);
    books.change(end(61), noTrunkCost);
    const changes = books.changes();
    expect(written(changes)).toMatchObject({
      entries: ['call_charge up-1 -2.00', 'pool_closed up-1 3.00'],
      told: ['settled', 'pool_closed'],
    });
    expect(changes.accounts).toMatchObject([{ balance: ZERO, activeCalls: 0, entryCount: 2 }]);
  });

  test('a balance below its limit is told with the charge', () => {
    const books = booksOf([holding([up], { lowBalance: parseAmount('9') })], [up]);
    books.change(end(61), noTrunkCost);
    expect(told(books.changes())).toEqual(['settled', 'low_balance']);
  });
});

describe('how calls share', () => {
  const terms = { ...account().terms, mode: 'shared' as const };
  const talking = (uniqueid: string, seconds: number, more: Partial<CallRecord> = {}) =>
    open(uniqueid, seconds, { answerAt: NOON, ...more });
  const ask = { kind: 'share' as const, uniqueid: '' as const, accountcode: 'alice' };
  const clocks = { of: { ast1: NOON + 30_000 }, elsewhere: NOON + 30_000 };
  /** Two calls by the second that have talked 30 s: one holds 300 s, the other 40 s, and nothing is left. */
  const second: Partial<Rate> = { initialIncrementSeconds: 1, incrementSeconds: 1 };
  const tariff = rate(second);
  const long = talking('long', 300, { tariff });
  const brief = talking('brief', 60, { tariff, startAt: NOON + 1, grantedSeconds: 40, maxCost: micros(666_667n) });
  const short = (more: Partial<Account> = {}) =>
    holding([long, brief], { terms, balance: micros(long.maxCost + brief.maxCost), ...more });

  test('what a long call has too much goes to one that would end first', () => {
    const books = booksOf([short()], [long, brief]);
    const sharing = books.share({ ...ask, clocks }, []);
    const bySeconds = new Map(sharing.shares.map(({ uniqueid, seconds }) => [uniqueid, seconds]));
    expect(bySeconds.get('long')).toBeLessThan(300);
    expect(bySeconds.get('brief')).toBeGreaterThan(40);
    expect(written(books.changes())).toEqual(NOTHING);
  });

  test('a call of another switch that has to give something back: its service must look', () => {
    const books = booksOf([short()], [{ ...long, node: 'ast2' }, brief]);
    books.share({ ...ask, clocks }, []);
    expect(books.changes().touched).toEqual(['alice']);
  });

  test('a call of another switch that only gets more: no service is asked to look, or it would never stop', () => {
    const books = booksOf([short()], [long, { ...brief, node: 'ast2' }]);
    books.share({ ...ask, clocks }, []);
    expect(books.changes().touched).toEqual([]);
  });

  test.each([
    ['has ended in this batch', endedCall(brief, endOf(30))],
    ['has a fixed limit', { ...brief, isFixed: true }],
    ['has to end', { ...brief, hangupWanted: true }],
  ])('a call that %s takes no part, though it did when it was read', (_, now) => {
    const read = [long, brief].map(call => ({ ...call }));
    const books = booksOf([short()], [long, now]);
    expect(books.share({ ...ask, clocks }, read).shares.map(({ uniqueid }) => uniqueid)).not.toContain('brief');
  });

  test.each([
    ['rings', { answerAt: null }],
    ['has to end', { hangupWanted: true }],
  ])('a call that %s, and is stuck on a switch that is away: a newcomer does not wait for what it holds', (_, more) => {
    const waits = open('waits', 0, { tariff, startAt: NOON + 2, grantedSeconds: 0, maxCost: ZERO });
    const held = { ...long, ...more };
    const read = [held, waits].map(call => ({ ...call, accountcode: 'alice' }));
    const all = holding([held], { terms, balance: long.maxCost });
    expect(booksOf([all]).share({ ...ask, clocks }, read)).toMatchObject({ refuse: [] });
    const { refuse, shares } = booksOf([all]).share({ ...ask, clocks, stuck: ['long'] }, read);
    expect([refuse, shares]).toEqual([['waits'], []]);
  });

  test('an emergency call takes no part: it holds no money, and must not be cut', () => {
    const emergency = talking('112', 3600, { capSeconds: 0, maxCost: ZERO, tariff: FREE_TARIFF });
    const { shares } = booksOf([short()]).share({ ...ask, clocks }, [long, brief, emergency]);
    expect(shares.map(({ uniqueid }) => uniqueid)).toEqual(['long', 'brief']);
  });

  test('calls that the batch itself did not read share as well', () => {
    const books = booksOf([short()]);
    const shares = books.share({ ...ask, clocks }, [long, brief]).shares;
    expect(shares.map(({ uniqueid }) => uniqueid)).toEqual(['long', 'brief']);
    expect(booksOf([short()]).share({ ...ask, clocks }, [{ ...long, accountcode: 'bob' }]).shares).toEqual([]);
  });

  test.each([
    ['an unknown account', [], { isShort: false }],
    ['a blocked account, whose calls have to end', [short({ blocked: true })], { isShort: true }],
  ])('%s shares nothing', (_, accounts, more) => {
    const books = booksOf(accounts, [long, brief]);
    expect(books.share({ ...ask, clocks }, [])).toMatchObject({ shares: [], cancel: [], ...more });
  });

  test('the account remembers whether it is short', () => {
    const books = booksOf([short({ balance: parseAmount('1000'), isShort: true })], [long, brief]);
    books.share({ ...ask, clocks }, []);
    expect(books.changes().accounts).toMatchObject([{ isShort: false }]);
  });
});

test('a call that was handed out does not change with what happens next', () => {
  const up = open('up-1', 120);
  const books = booksOf([holding([up])], [up]);
  const { call } = books.change({ kind: 'answer', ...of(), answerAt: NOON, trunk: 'main' }, noTrunkCost) as {
    call: CallRecord;
  };
  const before = { ...call };
  books.change({ kind: 'end', ...of(), trunk: 'other', end: endOf(61) }, noTrunkCost);
  expect(call).toEqual(before);
});
