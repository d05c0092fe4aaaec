/** What an actor may not do, or not alone. */
import { parseAmount } from '../../src/money/micros';
import {
  canHaveDailyLimit,
  limitsOf,
  limitsOfDoor,
  needsSecondPerson,
  overAtOnceLimit,
  overDailyLimit,
} from '../../src/operator/limits';
import type { Role } from '../../src/operator/operation';

const amount = (text: string) => parseAmount(text);

test.each<[Role[], boolean, string]>([
  [['cashier'], true, 'it is a cashier'],
  [['read', 'cashier', 'prices'], true, 'neither read nor prices may top up'],
  [['cashier', 'support'], false, 'support may top up by itself'],
  [['cashier', 'admin'], false, 'admin may do everything'],
  [['support'], false, 'it is no cashier'],
  [['read'], false, 'it is no cashier'],
])('the roles %j: a limit of the day holds: %s, as %s', (roles, isCashier) => {
  expect(limitsOf(roles, { secondPersonAbove: null })).toEqual({ isCashier, mostAlone: null });
});

test.each([
  ['100.00', '100.00', false],
  ['100.00', '100.000001', true],
  ['100.00', '-100.00', false],
  ['100.00', '-100.000001', true],
  ['0', '0.000001', true],
])('above %s a second person is needed: for %s it is %s', (above, moved, needed) => {
  const limits = limitsOf(['admin'], { secondPersonAbove: amount(above) });
  expect(needsSecondPerson(limits, amount(moved))).toBe(needed);
});

test('without a setting, and on the command line, none is', () => {
  expect(needsSecondPerson(limitsOf(['admin'], { secondPersonAbove: null }), amount('99999999'))).toBe(false);
  expect(needsSecondPerson(undefined, amount('99999999'))).toBe(false);
});

test.each([
  ['500.00', '0', '500.00', null],
  ['500.00', '499.99', '0.01', null],
  ['500.00', '499.99', '0.02', '0.02 EUR is more than key:till has left today (UTC): 0.01 of 500.00 EUR a day'],
  // The limit was lowered meanwhile.
  ['100.00', '300.00', '1.00', '1.00 EUR is more than key:till has left today (UTC): 0.00 of 100.00 EUR a day'],
  ['0', '0', '0.01', '0.01 EUR is more than key:till has left today (UTC): 0.00 of 0.00 EUR a day'],
])('of a limit of %s, %s is used: %s more says %j', (limit, used, more, why) => {
  const day = { actor: 'key:till', currency: 'EUR', limit: amount(limit), used: amount(used) };
  expect(overDailyLimit(day, amount(more))).toBe(why);
});

test('a cashier without a limit tops up nothing, and is told what an admin does', () => {
  const day = { actor: 'key:till', currency: 'EUR', limit: null, used: amount('0') };
  expect(overDailyLimit(day, amount('0.01'))).toContain('"cashier limit key:till 500.00"');
});

test.each([
  ['10.00', '10.00', null],
  ['10.00', '10.000001', '10.000001 EUR is more than rating:main may move at once: 10.00 EUR'],
  ['0', '0.000001', '0.000001 EUR is more than rating:main may move at once: 0.00 EUR'],
])('at once %s: %s says %j', (limit, moved, why) => {
  expect(overAtOnceLimit({ actor: 'rating:main', currency: 'EUR', limit: amount(limit) }, amount(moved))).toBe(why);
});

test('without a limit of that, any amount may be moved at once', () => {
  expect(overAtOnceLimit({ actor: 'rating:main', currency: 'EUR', limit: null }, amount('99999999'))).toBeNull();
});

test('a door has the limits of a cashier, and no second self', () => {
  expect(limitsOfDoor({ secondPersonAbove: amount('5') })).toEqual({ isCashier: true, mostAlone: amount('5') });
});

test.each([
  ['key:till', true],
  ['operator:carl', true],
  ['rating:main', true],
  ['sems:east_2', true],
  ['rest:main', false],
  ['rating:', false],
  ['rating:a b', false],
  ['cli:root', false],
  ['till', false],
])('a limit of the day can be set for %s: %s', (actor, can) => {
  expect(canHaveDailyLimit(actor)).toBe(can);
});
