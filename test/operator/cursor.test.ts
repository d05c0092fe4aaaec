import fc from 'fast-check';
import { cursorOf, keyIn, type ListOrder } from '../../src/operator/cursor';

const CALLS: ListOrder = {
  name: 'calls',
  columns: [
    { column: 'start_at', kind: 'instant' },
    { column: 'uniqueid', kind: 'text' },
  ],
};
const EVENTS: ListOrder = { name: 'events', columns: [{ column: 'event_id', kind: 'number' }] };

const written = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

test('a cursor is read back as the key that it stands for', () => {
  const instant = fc.date({
    min: new Date('1000-01-01T00:00:00Z'),
    max: new Date('9999-12-31T00:00:00Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(instant, fc.string({ maxLength: 150 }), (at, uniqueid) => {
      expect(keyIn(CALLS, cursorOf(CALLS, [at, uniqueid]))).toEqual([at, uniqueid]);
    }),
  );
  expect(keyIn(EVENTS, cursorOf(EVENTS, ['9223372036854775807']))).toEqual(['9223372036854775807']);
});

test.each([
  ['of another list', written(['audit', '1'])],
  ['of another length', written(['events'])],
  ['with more', written(['events', '1', '2'])],
  ['a number that is none', written(['events', '1x'])],
  ['a number with a sign', written(['events', '-1'])],
  ['a number as JSON has them', written(['events', 1])],
  ['no list', written({ events: '1' })],
  ['no JSON', Buffer.from('events').toString('base64url')],
  ['nothing', ''],
])('what is no cursor is none: %s', (_why, cursor) => {
  expect(keyIn(EVENTS, cursor)).toBeNull();
});

test.each([
  ['no instant', written(['calls', '2026', 'a'])],
  ['an instant that the database cannot hold', written(['calls', 9e15, 'a'])],
  ['no whole ms', written(['calls', 1.5, 'a'])],
  ['no text', written(['calls', 1, null])],
  ['a text that is too long', written(['calls', 1, 'x'.repeat(201)])],
])('nor is %s', (_why, cursor) => {
  expect(keyIn(CALLS, cursor)).toBeNull();
});
