import fc from 'fast-check';
import { endText, greetingText, heartbeatText, messageText } from '../../src/live/sse';
import { SseReader } from './sse-reader';

const readAll = (text: string) => {
  const reader = new SseReader();
  reader.read(text);
  return reader;
};

const HOSTILE = ['a\nid: 9', 'b\r\n\r\nevent: end', '\r', ': c', '\u2028', '\u0000', 'data: x', '"\\', '\ud800'];
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...HOSTILE));

test('whatever texts a message holds, its reader gets that message, with its id, and no other', () => {
  fc.assert(
    fc.property(fc.array(fc.dictionary(text, text), { minLength: 1, maxLength: 5 }), all => {
      const { messages } = readAll(
        all.map((each, index) => messageText({ id: BigInt(index + 1), data: JSON.stringify(each) })).join(''),
      );
      expect(messages).toEqual(
        all.map((each, index) => ({ event: 'message', id: String(index + 1), data: JSON.stringify(each) })),
      );
    }),
  );
});

test('a line end in the data itself ends no message and makes no field', () => {
  for (const data of HOSTILE) {
    const { messages, lastId } = readAll(messageText({ id: 1n, event: 'x', data }));
    expect(messages).toEqual([{ event: 'x', id: '1', data: data.replaceAll(/\r\n|\r/g, '\n') }]);
    expect(lastId).toBe('1');
  }
});

test('a greeting and a sign of life are no messages, and move the place', () => {
  const reader = readAll(greetingText(1_500, 7n));
  expect([reader.retryMs, reader.lastId, reader.messages]).toEqual([1_500, '7', []]);
  reader.read(heartbeatText(9n));
  expect([reader.lastId, reader.messages]).toEqual(['9', []]);
  reader.read(heartbeatText());
  expect([reader.lastId, reader.comments]).toEqual(['9', ['', '', '']]);
});

test('the last message tells why, and leaves the place as it is', () => {
  const reader = readAll(messageText({ id: 4n, data: '{}' }) + endText('too_slow'));
  expect(reader.lastId).toBe('4');
  expect(reader.messages.at(-1)).toEqual({
    event: 'end',
    id: '4',
    data: '{"reason":"too_slow","detail":"too much was waiting to be read"}',
  });
});
