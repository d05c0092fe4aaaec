/** The schemas of an OpenAPI document that have names. Pure. */

type Json = Record<string, unknown>;

/**
 * The document with each object schema that has a title among its components, and a reference wherever it stood. What only our own check
 * reads is left out.
 * @throws Error if two different schemas have one name
 */
export function withNamedSchemas<Document extends { components: object }>(document: Document): object {
  const plain = JSON.parse(JSON.stringify(document, (name, value) => (name.startsWith('~') ? undefined : value)));
  const named: Record<string, Json> = {};
  const referring = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(referring);
    if (part === null || typeof part !== 'object') return part;
    const parts: Json = Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, referring(inner)]));
    const { title, ...schema } = parts;
    if (schema.type !== 'object' || typeof title !== 'string') return parts;
    const known = named[title];
    if (known && JSON.stringify(known) !== JSON.stringify(schema))
      throw new Error(`two schemas have the name ${title}`);
    named[title] = schema;
    return { $ref: `#/components/schemas/${title}` };
  };
  const { components, ...rest } = referring(plain) as Json & { components: { schemas: Json } };
  const sorted = Object.fromEntries(Object.entries(named).sort(([one], [other]) => (one < other ? -1 : 1)));
  return { ...rest, components: { ...components, schemas: { ...components.schemas, ...sorted } } };
}
