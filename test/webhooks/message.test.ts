import { createHmac } from 'node:crypto';
import { bodyOf, headersOf } from '../../src/webhooks/message';
import { addressesIn } from '../../src/webhooks/name-lookup';
import { MOST_TRIES, waitAfter } from '../../src/webhooks/retry';

test('an event is posted as JSON, with its number as a text, as it may be above 2^53', () => {
  const event = {
    eventId: '18446744073709551615',
    kind: 'settled',
    accountcode: 'Ålice',
    uniqueid: null,
    createdAt: new Date('2026-06-01T12:00:00.123Z'),
    facts: { cost: '0.50', billsec: 30 },
  };
  const body = bodyOf(event);
  expect(JSON.parse(body)).toEqual({
    event_id: '18446744073709551615',
    kind: 'settled',
    accountcode: 'Ålice',
    uniqueid: null,
    created_at: '2026-06-01T12:00:00.123Z',
    facts: { cost: '0.50', billsec: 30 },
  });
  const signature = createHmac('sha256', 'top secret')
    .update(Buffer.from(`1780315200.${body}`))
    .digest('hex');
  expect(headersOf(event.eventId, body, 'top secret', 1_780_315_200)).toMatchObject({
    'ringfence-event-id': '18446744073709551615',
    'ringfence-timestamp': '1780315200',
    'ringfence-signature': `sha256=${signature}`,
  });
});

test('ten tries: waits of 10 s, 30 s, 90 s and so on, about 27 hours together, a quarter less or more', () => {
  const waits = Array.from({ length: MOST_TRIES }, (_, index) => waitAfter(index + 1, 0.5));
  expect(waits).toEqual([10, 30, 90, 270, 810, 2_430, 7_290, 21_870, 65_610, null]);
  expect([waitAfter(3, 0), waitAfter(3, 0.999999)]).toEqual([68, 112]);
  expect(waitAfter(MOST_TRIES + 1, 0.5)).toBeNull();
});

test.each([
  ['crm.internal', [{ address: '10.0.0.7', family: 4 }]],
  ['CRM.', [{ address: '10.0.0.7', family: 4 }]],
  [
    'localhost',
    [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ],
  ],
  ['commented', []],
  ['10.0.0.7', []],
])('a hosts file says of %s: %j', (name, expected) => {
  const file =
    '127.0.0.1\tlocalhost\n::1 localhost ip6-localhost\n10.0.0.7  crm.internal crm # commented\n# 1.2.3.4 commented\nx crm\n';
  expect(addressesIn(file, name)).toEqual(expected);
});
