import { EventEmitter } from 'node:events';
import { type Client, RequestTurns, TURN_LIMITS, type Written } from '../../src/http/request-turns';

/** An answer that is not read. */
class Answer extends EventEmitter implements Written {
  destroyed = false;
  writableLength = 0;
  end() {
    this.destroyed = true;
    this.emit('close');
  }
}

const crm = { name: 'key:crm', isCustomer: false };
const portal = { name: 'key:portal', isCustomer: false };
const alice = { name: 'account:alice', isCustomer: true };
const bob = { name: 'account:bob', isCustomer: true };

const turnsOf = (limits: Partial<typeof TURN_LIMITS> = {}) => new RequestTurns({ ...TURN_LIMITS, ...limits });
const soon = () => new Promise(resolve => setTimeout(resolve, 5));

/** A request with its answer. */
async function begin(turns: RequestTurns, client: Client, answer = new Answer()) {
  const turn = await turns.take(client, answer);
  if (typeof turn === 'string') {
    // A refusal is read at once.
    answer.end();
    return { refusal: turn, answer };
  }
  return { refusal: null, answer, turn };
}

/** One that is answered; its answer is read when that ends. */
async function answered(turns: RequestTurns, client: Client, answer = new Answer()) {
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

test('no request begins while too much waits to be read; the last quarter is kept for operators', async () => {
  const turns = turnsOf({ unsentBytes: 100 });
  const slow = await answered(turns, alice);
  slow.answer.writableLength = 75;
  const more = await answered(turns, bob);
  expect(more.refusal).toBeNull();
  more.answer.writableLength = 1;
  expect((await answered(turns, bob)).refusal).toBe('answers_unread');
  const other = await answered(turns, crm);
  other.answer.writableLength = 24;
  expect((await answered(turns, portal)).refusal).toBeNull();
  other.answer.writableLength = 25;
  expect((await answered(turns, portal)).refusal).toBe('answers_unread');
  slow.answer.end();
  expect((await answered(turns, portal)).refusal).toBeNull();
  expect((await answered(turns, bob)).refusal).toBeNull();
});
