/** JSON as the API takes it: UTF-8, each field once, and not deep. Pure. */

/** No operation has more than a list in an object. */
const MOST_DEPTH = 8;

/** Names that mean something to the language, and nothing to the API. */
const NOT_FIELDS = ['__proto__', 'constructor', 'prototype'];

/** The tokens of a text that is JSON, without its numbers, true, false and null. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

/**
 * What the text of a body stands for; undefined if it is empty.
 *
 * A field that is given twice is refused: two programs on the way could each take another one of its values.
 * @throws Error with statusCode 400
 */
export function strictJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  const text = utf8Of(bytes);
  const value = parsed(text);
  const open: (Set<string> | null)[] = [];
  const tokens = text.match(TOKENS) ?? [];
  for (const [index, token] of tokens.entries()) {
    if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : null);
      if (open.length > MOST_DEPTH) throw refused(`is deeper than ${MOST_DEPTH} levels`);
    } else if (token === '}' || token === ']') open.pop();
    else if (token !== ':' && tokens[index + 1] === ':') note(JSON.parse(token), open.at(-1) as Set<string>);
  }
  return value;
}

function note(field: string, known: Set<string>): void {
  if (NOT_FIELDS.includes(field)) throw refused(`has a field ${field}, which no operation has`);
  if (known.has(field)) throw refused(`has the field ${JSON.stringify(field)} twice`);
  known.add(field);
}

function utf8Of(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refused('is not UTF-8');
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refused('is not JSON');
  }
}

const refused = (problem: string): Error => Object.assign(new Error(`the body ${problem}`), { statusCode: 400 });
