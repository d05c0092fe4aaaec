import type { BooksMark } from '../../src/calls/books-mark';
import { markIn, markText } from '../../src/calls/books-mark';
import type { KeptSwitch } from '../../src/ownership/node-keeper';
import { strangerOn } from '../../src/ownership/switch-books';

const OURS = '6b7a9f0e-cd2b-11f1-9a53-0242ac120002';
const OTHERS = 'f13c1a5e-cd2b-11f1-9a53-0242ac120003';

const ask = (mark: BooksMark | null, more: { seen?: number | null; served?: boolean; takeOver?: boolean } = {}) => {
  const { seen = 1_000, served = true, takeOver = false } = more;
  const port = { readMark: async () => mark, isServed: async () => served } as unknown as KeptSwitch;
  return strangerOn({ books: OURS, lastSeen: async () => seen, takeOver })(port, 'ast1');
};

test.each<[why: string, mark: BooksMark | null, more: Parameters<typeof ask>[1]]>([
  ['no service ever marked it', null, {}],
  ['our own service did', { books: OURS, seenAt: 1_000 }, {}],
  ['our own service did, and died before it could mark what the books know', { books: OURS, seenAt: 900 }, {}],
  ['nothing is left of the other service, nor of its calls', { books: OTHERS, seenAt: 900 }, { served: false }],
  ['an operator says so', { books: OTHERS, seenAt: 900 }, { takeOver: true }],
])('a switch may be served when %s', async (_, mark, more) => {
  expect(await ask(mark, more)).toBeNull();
});

test.each<[why: string, mark: BooksMark, more: Parameters<typeof ask>[1], says: RegExp]>([
  ['other books', { books: OTHERS, seenAt: 900 }, {}, /another database .*RINGFENCE_DATABASE_URL.*--take-over/],
  ['an older copy of the books', { books: OURS, seenAt: 1_001 }, {}, /is a copy, or was restored/],
  ['a copy that never saw the switch', { books: OURS, seenAt: 1 }, { seen: null }, /is a copy, or was restored/],
])('a switch is left alone by %s', async (_, mark, more, says) => {
  expect(await ask(mark, more)).toMatch(says);
});

test('a mark is read as it was written; what is none is no mark', () => {
  expect(markIn(markText({ books: OURS, seenAt: 1_795_261_408_123.9 }))).toEqual({
    books: OURS,
    seenAt: 1_795_261_408_123,
  });
  for (const text of ['', OURS, `${OURS} soon`, `x ${OURS} 1`]) expect(markIn(text)).toBeNull();
});
