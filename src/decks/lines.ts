import type { Readable } from 'node:stream';

/** A line of a file, without its end; the number is the one that an editor shows. */
export interface Line {
  line: number;
  text: string;
}

/**
 * The lines of a UTF-8 file, in arrays of those that came together. LF, CRLF and CR end a line, also mixed in one file.
 *
 * A BOM is left out, and bytes that are not UTF-8 become U+FFFD. A line with more than `mostCharacters` characters is cut to one more than
 * those, and memory holds no more of it.
 * @throws whatever the input throws.
 */
export async function* linesOf(input: Readable, mostCharacters: number): AsyncGenerator<Line[]> {
  const decoder = new TextDecoder();
  let line = 1;
  let begun = '';
  let endedWithCr = false;
  const split = (text: string): Line[] => {
    // This LF belongs to a CRLF that two reads tore apart, and ends nothing: its CR did.
    const rest = endedWithCr && text.startsWith('\n') ? text.slice(1) : text;
    if (text !== '') endedWithCr = text.endsWith('\r');
    const parts = rest.split(/\r\n|\n|\r/);
    const last = parts.pop() as string;
    const whole = parts.map((part, index) => ({ line: line++, text: cut(index === 0 ? begun + part : part) }));
    begun = cut(parts.length === 0 ? begun + last : last);
    return whole;
  };
  const cut = (text: string): string => (text.length > mostCharacters ? text.slice(0, mostCharacters + 1) : text);
  for await (const chunk of input) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    yield split(decoder.decode(bytes, { stream: true }));
  }
  yield [...split(decoder.decode()), { line, text: begun }];
}
