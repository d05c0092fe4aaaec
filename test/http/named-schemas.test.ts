import { OPERATIONS } from '../../src/admin/operations';
import { STREAMS } from '../../src/http/live-streams';
import { withNamedSchemas } from '../../src/http/named-schemas';
import { apiDocument } from '../../src/http/openapi';
import { factsOf, orNull, textFact } from '../../src/operator/answer-schema';

const of = (...parts: object[]) =>
  withNamedSchemas({ parts, components: { schemas: { Known: { type: 'object' } } } }) as {
    parts: unknown[];
    components: { schemas: Record<string, unknown> };
  };

test('what has a name stands once, among the components, and is referred to', () => {
  const inner = factsOf('Inner', { title: textFact('a fact may be called title') });
  const { parts, components } = of(factsOf('Outer', { one: inner, other: orNull(inner) }), inner);
  expect(parts).toEqual([{ $ref: '#/components/schemas/Outer' }, { $ref: '#/components/schemas/Inner' }]);
  expect(Object.keys(components.schemas)).toEqual(['Known', 'Inner', 'Outer']);
  expect(components.schemas.Inner).toEqual({
    type: 'object',
    required: ['title'],
    properties: { title: { type: 'string', description: 'a fact may be called title' } },
    additionalProperties: false,
  });
  expect(JSON.stringify(components.schemas.Outer)).not.toContain('a fact may be');
});

test('one name is of one schema', () => {
  expect(() => of(factsOf('A', { one: textFact() }), factsOf('A', { other: textFact() }))).toThrow(
    'two schemas have the name A',
  );
});

test('every answer of the document has a name, and describes each of its facts or says its type', () => {
  const document = JSON.parse(JSON.stringify(apiDocument(OPERATIONS, STREAMS, '0')));
  const answers = Object.values(document.paths as Record<string, Record<string, { responses: object }>>).flatMap(path =>
    Object.values(path).map(({ responses }) => JSON.stringify(responses)),
  );
  for (const answer of answers) {
    expect(answer).toMatch(/#\/components\/schemas\/(?!Problem)|x-ndjson|event-stream|^\{"204":/);
    expect(answer).not.toContain('additionalProperties":true');
  }
});
