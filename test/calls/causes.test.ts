import { causeForCaller, causeOfStatus } from '../../src/calls/causes';

/**
 * What ast_sip_hangup_sip2cause() of Asterisk 22.10.1 returns for each status from 300 to 699: the machine code of the package's res_pjsip.so
 * was called with each of them. `other`: every status of the class that is not named.
 */
const BY_ASTERISK: Record<string, { other: number; named: Record<number, number> }> = {
  '3xx': { other: 16, named: { 302: 23 } },
  '4xx': {
    other: 127,
    named: {
      ...{ 401: 21, 403: 21, 404: 1, 407: 21, 408: 18, 409: 41, 410: 22, 420: 3 },
      ...{ 480: 19, 483: 19, 484: 28, 485: 1, 486: 17, 488: 58 },
    },
  },
  '5xx': { other: 34, named: { 500: 38, 501: 29, 502: 27, 504: 102, 505: 127 } },
  '6xx': { other: 127, named: { 600: 17, 603: 21, 604: 1, 606: 58 } },
};

/** A cancelled call is a normal one; 302 is not the only redirection. */
const OURS: Record<string, number> = { 487: 16, '3xx': 23 };

test.each(Object.keys(BY_ASTERISK))('each SIP status %s has the cause that Asterisk gives it, but for two', name => {
  const { other, named } = BY_ASTERISK[name]!;
  const statuses = Array.from({ length: 100 }, (_, index) => Number(name[0]) * 100 + index);
  const told = Object.fromEntries(statuses.map(status => [status, causeOfStatus(status)]));
  const wanted = statuses.map(status => [status, OURS[status] ?? named[status] ?? OURS[name] ?? other]);
  expect(told).toEqual(Object.fromEntries(wanted));
});

test('a status that refuses nothing is a normal end', () => {
  expect([100, 200, 299, 700].map(causeOfStatus)).toEqual([16, 16, 16, 16]);
});

test.each([
  [401, 34, 'our password is wrong, and not the caller'],
  [403, 34, 'the carrier does not let us in, and not the caller'],
  [404, 34, 'a rule of this trunk says that 404 is the carrier’s own word'],
  [409, 34, 'a 603 would stop the caller’s switch'],
  [410, 34, 'the number has not changed'],
  [420, 34, 'the number exists'],
  [480, 34, 'no callee was asked'],
  [483, 34, 'a loop is no callee who does not answer'],
  [484, 34, 'the carrier dislikes our format of the number, not the caller’s'],
  [487, 34, 'a 603 would stop the caller’s switch'],
  [504, 34, 'a 603 would stop the caller’s switch'],
  [603, 34, 'no callee declined'],
  [488, 58, 'no codec fits'],
  [500, 38, 'the network'],
  [501, 29, 'the network'],
  [502, 27, 'the network'],
  [503, 34, 'the network'],
  [402, 127, 'the network'],
])('a carrier’s own %i is %i for the caller: %s', (status, cause, _why) => {
  expect(causeForCaller(causeOfStatus(status), true)).toBe(cause);
});

test('a cause that no SIP status has, by a Reason header or an older Asterisk, is no news of the caller either', () => {
  expect([0, 2, 3, 20, 22, 28, 31, 41, 44, 47].map(cause => causeForCaller(cause, true))).toEqual(Array(10).fill(34));
});

test('the callee’s own word is for the caller, but for a redirection', () => {
  const statuses = [404, 408, 410, 480, 484, 486, 487, 600, 603, 604, 302];
  expect(statuses.map(status => causeForCaller(causeOfStatus(status)))).toEqual([
    1, 18, 22, 19, 28, 17, 16, 17, 21, 1, 34,
  ]);
});
