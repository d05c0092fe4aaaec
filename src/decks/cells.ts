/** What is wrong with a line's quotes, in words that say what to do. */
export class QuoteError extends Error {
  override name = 'QuoteError';
  constructor(
    message: string,
    readonly rule: 'quote_not_closed' | 'quote_not_followed' | 'quote_within',
  ) {
    super(message);
  }
}

/**
 * The cells of one line of comma separated values, without the blanks around them. A cell in quotes may contain commas, and a quote written
 * twice.
 * @throws QuoteError
 */
export function cellsOf(text: string): string[] {
  if (!text.includes('"')) return text.split(',').map(cell => cell.trim());
  const cells: string[] = [];
  let rest = text;
  for (;;) {
    const quoted = /^\s*"((?:[^"]|"")*)"\s*(,|$)/.exec(rest);
    const plain = /^([^",]*)(,|$)/.exec(rest);
    const found = quoted ?? plain;
    if (!found) throw wrongQuote(rest);
    const [all, cell = '', end] = found;
    cells.push(quoted ? cell.replaceAll('""', '"') : cell.trim());
    if (end === '') return cells;
    rest = rest.slice(all.length);
  }
}

/** What is wrong with the quotes of the cell with which `rest` begins. */
function wrongQuote(rest: string): QuoteError {
  if (!/^\s*"/.test(rest)) {
    return new QuoteError(
      'a quote " stands within a cell: quote the whole cell and write "" for the quote',
      'quote_within',
    );
  }
  if (/^\s*"(?:[^"]|"")*"/.test(rest)) {
    return new QuoteError(
      'a closing quote " is not followed by a comma: write "" for a quote within a cell',
      'quote_not_followed',
    );
  }
  return new QuoteError(
    'a quote " is opened and never closed in its line: close it, or write "" for a quote within a cell',
    'quote_not_closed',
  );
}
