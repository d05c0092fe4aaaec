import { Type } from 'typebox';
import { inputOf } from '../../src/http/query-input';
import { fields } from '../../src/operator/operation';
import { whole } from '../../src/operator/schema';

const FIELDS = fields({
  text: Type.Optional(Type.String()),
  limit: Type.Optional(whole(1, 100, { description: 'rows', unit: 'rows' })),
  all: Type.Optional(Type.Boolean()),
  kinds: Type.Optional(Type.Array(Type.String())),
  seconds: Type.Optional(Type.Array(whole(1, 60, { description: 'seconds', unit: 's' }))),
});

test('texts become what their fields want; a text that is no such value stays, for the field to refuse', () => {
  expect(inputOf(FIELDS, { text: '12', limit: '12', all: 'true', kinds: 'a,b', seconds: ['1', '2'] })).toEqual({
    text: '12',
    limit: 12,
    all: true,
    kinds: ['a', 'b'],
    seconds: [1, 2],
  });
  expect(inputOf(FIELDS, { limit: '1.5', all: 'yes', seconds: '1,x' })).toEqual({
    limit: '1.5',
    all: 'yes',
    seconds: [1, 'x'],
  });
});

test('names that objects have of themselves, and fields given twice, are handed on as they are', () => {
  const given = JSON.parse('{"__proto__": "x", "constructor": "y", "text": ["a", "b"]}');
  const input = inputOf(FIELDS, given);
  expect(Object.keys(input)).toEqual(['__proto__', 'constructor', 'text']);
  expect(Object.getPrototypeOf(input)).toBe(Object.prototype);
});
