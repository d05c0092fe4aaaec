/** The fields of an operation, as a path and a query string give them. Pure. */
import type { TObject, TSchema } from 'typebox';
import { numberIn } from '../operator/schema';

/**
 * Every text as the value that its field wants. A text that stands for no such value stays as it is: the field's own check refuses it and
 * shows it. A list is given by commas, or by repeating the field.
 */
export function inputOf(fields: TObject, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const known = (name: string) => (Object.hasOwn(fields.properties, name) ? fields.properties[name] : undefined);
  return Object.fromEntries(Object.entries(given).map(([name, text]) => [name, valueIn(known(name), text)]));
}

function valueIn(field: TSchema | undefined, text: unknown): unknown {
  const { type, items } = (field ?? {}) as { type?: string; items?: TSchema };
  if (type === 'array') {
    const words = Array.isArray(text) ? text : String(text).split(',');
    return words.map(word => valueIn(items, word));
  }
  if (typeof text !== 'string') return text;
  if (type === 'integer') return numberIn(field as TSchema, text);
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}
