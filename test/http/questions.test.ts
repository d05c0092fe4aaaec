import { setMaxListeners } from 'node:events';
import fc from 'fast-check';
import { type Asker, countedRole, Questions, TooManyQuestions } from '../../src/http/questions';
import { ROLES, type Role } from '../../src/operator/operation';

const LIMITS = { atOnce: 14, ofCustomers: 4, waitMs: 60_000 };
const soon = () => new Promise(resolve => setTimeout(resolve, 5));
const key = (name: string, role: Role): Asker => ({ name: `key:${name}`, role });

let over: AbortController;
beforeEach(() => {
  over = new AbortController();
  // All that wait listen.
  setMaxListeners(0, over.signal);
});
// What waits still would hold the process up.
afterEach(() => over.abort());

/** Questions that last until they are told to end. */
function opened(limits: Partial<typeof LIMITS> = {}) {
  const questions = new Questions({ ...LIMITS, ...limits });
  /** The names of those that are being asked, the oldest first. */
  const begun: string[] = [];
  const ends = new Map<string, (() => void)[]>();
  const ask = (asker: Asker, signal = over.signal) =>
    questions.ask(
      asker,
      () =>
        new Promise<string>(resolve => {
          begun.push(asker.name);
          ends.set(asker.name, [...(ends.get(asker.name) ?? []), () => resolve('answered')]);
        }),
      signal,
    );
  const begin = (asker: Asker) => void ask(asker).catch(() => undefined);
  const end = async ({ name }: Asker) => {
    ends.get(name)?.shift()?.();
    await soon();
  };
  return { ask, begin, begun, end };
}

test('one role asks nine of fourteen: one place is left for each other role, and each of those is asked at once', async () => {
  const { begin, begun } = opened();
  for (let number = 0; number < 20; number++) begin(key(`reader-${number}`, 'read'));
  await soon();
  expect(begun).toHaveLength(9);
  const others = ROLES.filter(role => role !== 'read');
  for (const role of others) begin(key(role, role));
  await soon();
  expect(begun.slice(9)).toEqual(others.map(role => `key:${role}`));
  expect(begun).toHaveLength(14);
});

test('a turn goes to the role that asks the least, then to the client that asks the least, then to the oldest', async () => {
  const { begin, begun, end } = opened();
  const [greedy, modest, desk] = [key('greedy', 'read'), key('modest', 'read'), key('desk', 'support')];
  for (let times = 0; times < 12; times++) begin(greedy);
  begin(desk);
  await soon();
  expect(begun).toEqual([...Array(9).fill('key:greedy'), 'key:desk']);
  begin(modest);
  begin(modest);
  // Nothing is left but a place for each of the four other roles.
  begin(desk);
  await soon();
  expect(begun).toHaveLength(10);
  await end(greedy);
  expect(begun.slice(10)).toEqual(['key:desk']);
  await end(greedy);
  expect(begun.slice(11)).toEqual(['key:modest']);
  await end(greedy);
  expect(begun.slice(12)).toEqual(['key:modest']);
  await end(greedy);
  expect(begun.slice(13)).toEqual(['key:greedy']);
});

test('customers ask four at once', async () => {
  const { begin, begun, end } = opened();
  for (let number = 0; number < 6; number++) begin({ name: `account:${number}`, role: 'customer' });
  await soon();
  expect(begun).toHaveLength(4);
  await end({ name: 'account:0', role: 'customer' });
  expect(begun).toEqual(['account:0', 'account:1', 'account:2', 'account:3', 'account:4']);
});

test('one that waits too long is refused, and one whose client leaves gives its place up', async () => {
  const { ask, begin, begun, end } = opened({ waitMs: 50 });
  const reader = key('reader', 'read');
  for (let times = 0; times < 9; times++) begin(reader);
  await expect(ask(reader)).rejects.toThrow(TooManyQuestions);
  const leaving = new AbortController();
  const left = ask(reader, leaving.signal);
  leaving.abort(new Error('it left'));
  await expect(left).rejects.toThrow('it left');
  await expect(ask(reader, leaving.signal)).rejects.toThrow('it left');
  await end(reader);
  expect(begun).toHaveLength(9);
  begin(reader);
  await soon();
  expect(begun).toHaveLength(10);
});

test('a question that fails leaves its place', async () => {
  const questions = new Questions({ ...LIMITS, atOnce: 6 });
  const { signal } = new AbortController();
  for (let times = 0; times < 20; times++) {
    const failing = questions.ask(key('reader', 'read'), () => Promise.reject(new Error('broken')), signal);
    await expect(failing).rejects.toThrow('broken');
  }
});

test('whatever is asked and ends in whatever order: never more than fourteen, nothing waits while there is room, and a silent role is let in at once', async () => {
  const step = fc.record({ role: fc.constantFrom(...ROLES), client: fc.nat(3), isEnd: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async steps => {
      const questions = new Questions(LIMITS);
      const running: { role: Role; end(): void }[] = [];
      const asked: Promise<void>[] = [];
      const count = (role: Role) => running.filter(each => each.role === role).length;
      let wanted = 0;
      let done = 0;
      for (const { role, client, isEnd } of steps) {
        const before = running.length;
        const wasSilent = count(role) === 0;
        if (isEnd) running.splice(client % Math.max(1, before), 1)[0]?.end();
        else {
          wanted += 1;
          const question = () => new Promise<void>(end => running.push({ role, end }));
          const asking = questions.ask(key(`${role}-${client}`, role), question, new AbortController().signal);
          asked.push(
            asking.then(() => {
              done += 1;
            }),
          );
        }
        await new Promise(setImmediate);
        expect(running.length).toBeLessThanOrEqual(14);
        expect(count('customer')).toBeLessThanOrEqual(4);
        if (!isEnd && wasSilent) expect(running.length).toBe(before + 1);
        // Room for one more beside a place for each silent role: then none waits but customers.
        const silent = ROLES.filter(each => count(each) === 0).length;
        const waiting = wanted - done - running.length;
        if (14 - running.length > silent && count('customer') < 4) expect(waiting).toBe(0);
      }
      while (running.length > 0) {
        running.shift()?.end();
        await new Promise(setImmediate);
      }
      await Promise.all(asked);
    }),
    { numRuns: 200 },
  );
});

test.each<[roles: Role[], counted: Role]>([
  [['read'], 'read'],
  [['read', 'support'], 'support'],
  [['prices', 'cashier'], 'prices'],
  [['admin', 'read'], 'admin'],
  [['customer'], 'customer'],
])('a client of the roles %j is counted with %s', (roles, counted) => {
  expect(countedRole(roles)).toBe(counted);
});
