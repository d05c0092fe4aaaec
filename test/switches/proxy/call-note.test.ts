import { causeIn, noteIn, writtenIn } from '../../../src/switches/proxy/call-note';

const KAMAILIO = '280:4202/1795937859.760386/1795937860.322074/caller';
const OPENSIPS = '8ec.ba0f6d4/1795939953:760386/1795939954:36696/Downstream BYE';

test('an answer and an end, to the millisecond: microseconds of OpenSIPS have no zeros before them', () => {
  expect(noteIn(KAMAILIO)).toEqual({
    dialog: '280:4202',
    answeredAt: 1_795_937_859_760,
    endedAt: 1_795_937_860_322,
    by: 'caller',
    status: null,
  });
  expect(noteIn(OPENSIPS)).toEqual({
    dialog: '8ec.ba0f6d4',
    answeredAt: 1_795_939_953_760,
    endedAt: 1_795_939_954_037,
    by: 'caller',
    status: null,
  });
});

test.each([
  ['1:2', null, null, null, 'let through'],
  ['1:2/17.000500', 17_001, null, null, 'answered'],
  ['1:2/17.000000/18.000000/callee', 17_000, 18_000, 'callee', 'over'],
  ['1:2/17.000000/18.000000/proxy', 17_000, 18_000, 'proxy', 'ended by Kamailio'],
  ['1.2/17:0/18:0/MI Termination', 17_000, 18_000, 'proxy', 'ended by OpenSIPS'],
  ['1.2/17:0/18:0/Lifetime Timeout', 17_000, 18_000, 'proxy', 'ended by the timer of its dialog'],
  ['1.2/17:0/18:0/Upstream BYE', 17_000, 18_000, 'callee', 'the callee hung up'],
  ['1.2/17:0/18:0/<null>', 17_000, 18_000, null, 'no reason known'],
])('%s: answer, end and who', (text, answeredAt, endedAt, by, _why) => {
  expect(noteIn(text)).toMatchObject({ answeredAt, endedAt, by, status: null });
});

test.each([
  ['486', 486, 17],
  ['404', 404, 1],
  ['487', 487, 16],
  ['503', 503, 34],
  // A reply of Kamailio's own.
  ['none', 503, 34],
  ['Cancelled', null, 16],
  ['<null>', null, 16],
  ['599', 599, 34],
  ['499', 499, 127],
])('an unanswered call that ended with %s has cause %d', (by, status, cause) => {
  const note = noteIn(`1:2//18.000000/${by}`);
  expect(note).toMatchObject({ answeredAt: null, endedAt: 18_000, status });
  expect(note && causeIn(note)).toBe(cause);
});

test.each([
  '',
  '/17.000000',
  '1:2/yesterday',
  '1:2/17',
  '1:2/17.5/18.000000',
  '1:2/17.000000/x/caller',
  '1:2/-1.000000',
])('%j is no note', text => {
  expect(noteIn(text)).toBeNull();
});

test('how long a call talked is told by the clock of the proxy alone, which may be an hour off', () => {
  const note = noteIn('1:2/3617.250000/3620.750000/callee');
  expect(note && writtenIn(note, 'u', { answerAt: 17_300, startAt: 15_000 })).toEqual({
    source: 'proxy',
    answeredLeg: 'u',
    answerAt: 17_300,
    endAt: 20_800,
    hangupCause: 16,
    hangupSource: 'callee',
  });
  // No service heard its answer, and its clock is behind.
  const late = noteIn('1:2/10.000000/12.000000/caller');
  expect(late && writtenIn(late, 'u', { answerAt: null, startAt: 15_000 })).toMatchObject({
    answerAt: 15_000,
    endAt: 17_000,
  });
});

test('of a call of which no end was written only the answer is known', () => {
  const note = noteIn('1:2/17.000000');
  expect(note && writtenIn(note, 'u', { answerAt: null, startAt: 1 })).toMatchObject({ answerAt: 17_000, endAt: null });
});
