import { EventEmitter } from 'node:events';
import type { Asker } from '../../src/http/questions';
import { RequestTurns, TURN_LIMITS, type Written } from '../../src/http/request-turns';

/** An answer that is not read. */
class Answer extends EventEmitter implements Written {
  destroyed = false;
  writableLength = 0;
  end() {
    this.destroyed = true;
    this.emit('close');
  }
}

const crm: Asker = { name: 'key:crm', role: 'support' };
const portal: Asker = { name: 'key:portal', role: 'support' };
const reader: Asker = { name: 'key:reader', role: 'read' };
const alice: Asker = { name: 'account:alice', role: 'customer' };
const bob: Asker = { name: 'account:bob', role: 'customer' };

const turnsOf = (limits: Partial<typeof TURN_LIMITS> = {}) => new RequestTurns({ ...TURN_LIMITS, ...limits });
const soon = () => new Promise(resolve => setTimeout(resolve, 5));

/** A request with its answer. */
async function begin(turns: RequestTurns, client: Asker, answer = new Answer()) {
  const turn = await turns.take(client, answer);
  if (typeof turn === 'string') {
    // A refusal is read at once.
    answer.end();
    return { refusal: turn, answer };
  }
  return { refusal: null, answer, turn };
}

/** One that is answered; its answer is read when that ends. */
async function answered(turns: RequestTurns, client: Asker, answer = new Answer()) {
  const { refusal, turn } = await begin(turns, client, answer);
  turn?.isOver();
  return { refusal, answer };
}

test('one client has four requests in progress; its next ones wait for those, the oldest first, and others do not', async () => {
  const turns = turnsOf();
  const first = await Promise.all([1, 2, 3, 4].map(() => answered(turns, crm)));
  expect(first.map(({ refusal }) => refusal)).toEqual([null, null, null, null]);
  const begun: number[] = [];
  const later = [0, 1].map(number => {
    const answer = new Answer();
    void answered(turns, crm, answer).then(({ refusal }) => begun.push(refusal === null ? number : -1));
    return answer;
  });
  expect((await answered(turns, portal)).refusal).toBeNull();
  await soon();
  expect(begun).toEqual([]);
  first[2]?.answer.end();
  await soon();
  expect(begun).toEqual([0]);
  later[0]?.end();
  await soon();
  expect(begun).toEqual([0, 1]);
});

test('a client that leaves keeps its turn for as long as it is worked for', async () => {
  const turns = turnsOf({ waitMs: 30 });
  const left = await Promise.all([1, 2, 3, 4].map(() => begin(turns, crm)));
  for (const { answer } of left) answer.end();
  expect((await begin(turns, crm)).refusal).toBe('too_many_in_progress');
  left[0]?.turn?.isOver();
  expect((await begin(turns, crm)).refusal).toBeNull();
});

test('a customer has two, with all its keys; a request that waits too long is refused, and one whose client leaves gives its place up', async () => {
  const turns = turnsOf({ waitMs: 30 });
  const [one] = [await answered(turns, alice), await answered(turns, alice)];
  const gone = new Answer();
  const left = answered(turns, alice, gone);
  gone.end();
  expect((await left).refusal).toBe('gone');
  expect((await answered(turns, alice, gone)).refusal).toBe('gone');
  expect((await answered(turns, alice)).refusal).toBe('too_many_in_progress');
  one.answer.end();
  expect((await answered(turns, alice)).refusal).toBeNull();
});

test.each([
  ['customers', [alice, bob], [crm, portal]],
  ['keys that support customers', [crm, portal], [reader, reader]],
] as const)(
  'no request begins while too much waits to be read; the last quarter is kept from %s, if they have the rest',
  async (_who, [greedy, same], [other, another]) => {
    const turns = turnsOf({ unsentBytes: 100 });
    const refusalOf = async (client: Asker) => {
      const { refusal, answer } = await answered(turns, client);
      answer.end();
      return refusal;
    };
    const slow = await answered(turns, greedy);
    const more = await answered(turns, same);
    slow.answer.writableLength = 75;
    expect(await refusalOf(same)).toBeNull();
    // What was begun before may add any more: for others it counts no more than three quarters.
    more.answer.writableLength = 500;
    expect(await refusalOf(same)).toBe('answers_unread');
    const others = await answered(turns, other);
    expect(others.refusal).toBeNull();
    others.answer.writableLength = 25;
    expect(await refusalOf(another)).toBeNull();
    others.answer.writableLength = 26;
    expect(await refusalOf(another)).toBe('answers_unread');
    slow.answer.end();
    more.answer.end();
    expect(await refusalOf(another)).toBeNull();
    expect(await refusalOf(same)).toBeNull();
  },
);
