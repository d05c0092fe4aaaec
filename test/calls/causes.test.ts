import { causeOfStatus } from '../../src/calls/causes';

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
