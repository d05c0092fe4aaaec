import fc from 'fast-check';
import { LoginDelays, type Try, waitAfter } from '../../src/access/login-delays';

const stranger: Try = { name: 'anna', place: '198.51.100.1', isKnown: false, browser: null };
const own: Try = { name: 'anna', place: '203.0.113.9', isKnown: true, browser: null };
const inBrowser: Try = { ...own, browser: 'a'.repeat(64) };
const MINUTE = 60_000;

/** Tries until one must wait, at one instant. Returns how many were admitted. */
function triesAt(delays: LoginDelays, tried: Try, nowMs: number, most = 1_000): number {
  for (let count = 0; count < most; count++) if (delays.begin(tried, nowMs) > 0) return count;
  return most;
}

test.each([
  [0, 5, 0, 'nothing was wrong'],
  [4, 5, 0, 'the fifth try is free too'],
  [5, 5, 1_000, 'the sixth waits a second'],
  [8, 5, 8_000, 'each waits twice as long as the one before'],
  [11, 5, 60_000, 'none waits longer than a minute'],
  [10_000, 5, 60_000, 'however many there were'],
])('after %i wrong ones, %i of them free, the wait is %i ms: %s', (wrong, free, wait) => {
  expect(waitAfter(wrong, free)).toBe(wait);
});

test('five tries of one name at one place are free, also at once; then each waits', () => {
  const delays = new LoginDelays();
  expect(triesAt(delays, stranger, 0)).toBe(5);
  expect(delays.begin(stranger, 400)).toBe(600);
  expect(delays.begin(stranger, 1_000)).toBe(0);
  expect(delays.begin(stranger, 1_000)).toBe(2_000);
});

test('a wait is not made longer by asking while it lasts', () => {
  const delays = new LoginDelays();
  triesAt(delays, stranger, 0);
  for (let at = 0; at < 1_000; at += 10) expect(delays.begin(stranger, at)).toBe(1_000 - at);
  expect(delays.begin(stranger, 1_000)).toBe(0);
});

test('twenty tries of one place are free, whatever the names', () => {
  const delays = new LoginDelays();
  const tries = Array.from({ length: 30 }, (_, index) => delays.begin({ ...stranger, name: `name-${index}` }, 0));
  expect(tries.filter(wait => wait === 0)).toHaveLength(20);
});

test('strangers delay no person at a place where the person has logged in, however many they are and whatever they try', () => {
  const tries = fc.array(
    fc.record({
      name: fc.constantFrom('anna', 'bert', ''),
      place: fc.constantFrom('203.0.113.9', '198.51.100.1', '198.51.100.2'),
      isKnown: fc.boolean(),
      browser: fc.constantFrom(null, 'b'.repeat(64)),
      at: fc.integer({ min: 0, max: MINUTE }),
    }),
    { maxLength: 300 },
  );
  fc.assert(
    fc.property(tries, all => {
      const delays = new LoginDelays();
      for (const { at, ...tried } of all.toSorted((one, other) => one.at - other.at)) {
        // Only the pair itself is not a stranger's.
        if (tried.name === own.name && tried.place === own.place) continue;
        delays.begin(tried, at);
      }
      expect(delays.begin(own, MINUTE)).toBe(0);
    }),
  );
});

describe('in a browser that is known', () => {
  test('tries of others at the same address delay nothing, however many they are', () => {
    const delays = new LoginDelays();
    const others = [own, { ...stranger, place: own.place }, { ...own, browser: 'b'.repeat(64) }];
    for (let at = 0; at < 10 * MINUTE; at += 1_000) for (const other of others) delays.begin(other, at);
    expect(delays.begin(own, 10 * MINUTE)).toBeGreaterThan(0);
    expect(delays.beginOne([inBrowser, own], 10 * MINUTE)).toBe(inBrowser);
  });

  test('who guesses there must wait too; then the person may still log in as from an address', () => {
    const delays = new LoginDelays();
    expect(triesAt(delays, inBrowser, 0)).toBe(5);
    const thief: readonly Try[] = [inBrowser, { ...stranger, browser: null }];
    const admitted = Array.from({ length: 1_000 }, () => delays.beginOne(thief, 0));
    expect(admitted.filter(tried => typeof tried !== 'number')).toHaveLength(5);
    expect(admitted.at(-1)).toBe(1_000);
    expect(delays.beginOne([inBrowser, own], 0)).toBe(own);
  });

  test('an hour of guesses, by a stolen mark and from one address, are some 140', () => {
    const delays = new LoginDelays();
    let count = 0;
    for (let at = 0; at < 60 * MINUTE; at += 500) {
      if (typeof delays.beginOne([inBrowser, stranger], at) !== 'number') count++;
    }
    expect(count).toBeGreaterThan(100);
    expect(count).toBeLessThan(150);
  });
});

test('a right one forgets the wrong ones of the person there, but pays for no others of the place', () => {
  const delays = new LoginDelays();
  for (let round = 0; round < 4; round++) {
    for (let index = 0; index < 4; index++) expect(delays.begin(stranger, 0)).toBe(0);
    expect(delays.begin(stranger, 0)).toBe(0);
    delays.wasRight(stranger);
  }
  // 16 wrong ones of the place so far.
  expect(triesAt(delays, { ...stranger, name: 'bert' }, 0)).toBe(4);
});

test('what was taken back does not count', () => {
  const delays = new LoginDelays();
  for (let count = 0; count < 100; count++) {
    expect(delays.begin(stranger, 0)).toBe(0);
    delays.takeBack(stranger);
  }
});

test('an hour later all is forgotten', () => {
  const delays = new LoginDelays();
  for (let at = 0; at < 30 * MINUTE; at += MINUTE) delays.begin(stranger, at);
  expect(triesAt(delays, stranger, 29 * MINUTE + 60 * MINUTE)).toBe(5);
});

test('no more than the most is kept: the one that was not tried for longest goes first', () => {
  const delays = new LoginDelays(3);
  const at = (place: string): Try => ({ ...own, place });
  for (const place of ['a', 'b', 'c', 'a', 'd']) for (let count = 0; count < 3; count++) delays.begin(at(place), 0);
  expect(triesAt(delays, at('a'), 0)).toBe(0);
  expect(triesAt(delays, at('b'), 0)).toBe(5);
});

describe('codes beside the right password', () => {
  test('may be wrong five times for a person, over all places; then each waits, at most a quarter of an hour', () => {
    const delays = new LoginDelays();
    for (let index = 0; index < 5; index++) {
      expect(delays.beginCode({ ...stranger, place: `198.51.100.${index}` }, 0)).toBe(0);
    }
    expect(delays.beginCode({ ...stranger, place: '198.51.100.9' }, 0)).toBe(1_000);
    expect(waitAfter(100, 5, 900_000)).toBe(900_000);
  });

  test('keep no person out where the person has logged in before, and a right one does not count', () => {
    const delays = new LoginDelays();
    for (let index = 0; index < 100; index++) {
      expect(delays.beginCode(stranger, 0)).toBe(0);
      delays.codeWasRight(stranger);
    }
    for (let index = 0; index < 6; index++) delays.beginCode(stranger, 0);
    expect(delays.beginCode(stranger, 0)).toBeGreaterThan(0);
    expect(delays.beginCode(own, 0)).toBe(0);
  });
});
