import { MOST_KEYS, TypedKeys } from '../../../src/doors/agi/typed-keys';

/** Kept by the switch, told by its commands. */
function typed(kept: string, told: string): TypedKeys {
  const keys = new TypedKeys();
  keys.keep(kept);
  keys.tell(told);
  return keys;
}

test.each<[why: string, kept: string, told: string, digits: string, isSure: boolean]>([
  ['all were told', '14420#', '14420#', '14420', true],
  ['the first came while nothing read', '14420#', '4420#', '14420', true],
  ['the # did', '14420#', '14420', '14420', true],
  ['a pause ended it', '14420', '14420', '14420', true],
  ['# alone', '#', '#', '', true],
  ['nothing', '', '', '', true],
  ['letters are keys', '12A5#', '12A5#', '12A5', true],
  ['two equal keys that were told are two', '4420#', '4420#', '4420', true],
  ['one of two equal keys was not told: it may be one', '4420#', '420#', '4420', false],
  ['the other one', '1442#', '142#', '1442', false],
  ['a burst of three, kept twice', '1231234#', '1234#', '1231234', false],
  ['a burst whose doubles are mixed', '1232434#', '1234#', '1232434', false],
  ['what was told is not what was kept', '123#', '124#', '123', false],
  ['more was told than kept', '123#', '1234#', '123', false],
  ['what comes behind the # is not its concern', '123#77', '123#7', '123', true],
])('%s: %s, of which %s', (_, kept, told, digits, isSure) => {
  expect(typed(kept, told).take()).toEqual({ digits, isSure });
});

test('entries that were typed ahead are taken one after the other, each with its own keys', () => {
  const keys = typed('123#45', '123#4');
  keys.keep('6#');
  keys.tell('56#');
  expect(keys.take()).toEqual({ digits: '123', isSure: true });
  expect(keys.isWhole).toBe(true);
  expect(keys.take()).toEqual({ digits: '456', isSure: true });
  expect([keys.count, keys.isWhole]).toEqual([0, false]);
});

test('who is in the middle of an entry is told from who is between two', () => {
  expect(typed('', '').forget()).toBe(true);
  expect(typed('123#', '123#').forget()).toBe(true);
  const keys = typed('123#4', '123#4');
  expect(keys.forget()).toBe(false);
  expect(keys.count).toBe(0);
});

test('an entry without end is taken when it is longer than any, and its rest belongs to it', () => {
  const long = '1'.repeat(MOST_KEYS);
  const keys = typed(long, long);
  expect(keys.isWhole).toBe(true);
  expect(keys.take()).toEqual({ digits: long, isSure: true });
  expect(keys.forget()).toBe(false);
  expect(keys.forget()).toBe(true);
});
