/** The rows of a separated text. Pure. */

export const SEPARATORS = [';', '\t', '|', ','] as const;
export type Separator = (typeof SEPARATORS)[number];

export interface SheetRow {
  /** Of the file, where the row begins; as an editor counts. */
  line: number;
  cells: string[];
}

/** A quote that does not end within so many characters is a character like any other: it would hide all that follows. */
const MOST_QUOTED = 4_000;

/** Rows with something in them. A cell in quotes may hold separators, line breaks, and a quote written twice. */
export function rowsOf(text: string, separator: Separator, most = Number.POSITIVE_INFINITY): SheetRow[] {
  const rows: SheetRow[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length && rows.length < most) {
    const begun = line;
    const cells: string[] = [];
    for (let isInRow = true; isInRow; ) {
      const { cell, next, breaks } = cellAt(text, at, separator);
      cells.push(cell);
      line += breaks;
      const end = text[next];
      at = next + 1;
      if (end === separator) continue;
      isInRow = false;
      if (end === undefined) break;
      line++;
      if (end === '\r' && text[at] === '\n') at++;
    }
    if (cells.some(cell => cell !== '')) rows.push({ line: begun, cells });
  }
  return rows;
}

/** The cell that begins there, where it ends, and how many line breaks it holds. */
function cellAt(text: string, at: number, separator: string): { cell: string; next: number; breaks: number } {
  let start = at;
  while (text[start] === ' ') start++;
  if (text[start] === '"') {
    const quoted = quotedAt(text, start, separator);
    if (quoted) return quoted;
  }
  let next = at;
  while (next < text.length) {
    const each = text[next];
    if (each === separator || each === '\n' || each === '\r') break;
    next++;
  }
  return { cell: plain(text.slice(at, next)), next, breaks: 0 };
}

/** null for a quote that never ends, or not before the end of its cell. */
function quotedAt(text: string, start: number, separator: string) {
  for (let end = start + 1; end < text.length && end - start <= MOST_QUOTED; end++) {
    if (text[end] !== '"') continue;
    if (text[end + 1] === '"') {
      end++;
      continue;
    }
    let next = end + 1;
    while (text[next] === ' ') next++;
    const behind = text[next];
    if (behind !== undefined && behind !== separator && behind !== '\n' && behind !== '\r') return null;
    const inner = text.slice(start + 1, end).replaceAll('""', '"');
    return { cell: plain(inner), next, breaks: inner.split(/\r\n|\n|\r/).length - 1 };
  }
  return null;
}

/** Without the blanks around it, and without what keeps a spreadsheet from reading digits as a number: `="00425"`. */
const plain = (cell: string): string => {
  const trimmed = cell.replaceAll('\u00a0', ' ').trim();
  return /^="([^"]*)"$/.exec(trimmed)?.[1]?.trim() ?? trimmed;
};

const LOOKED_AT = 50;

/** The separator by which most of the first rows have the same width. A comma is the last choice: it also stands within cells. */
export function separatorOf(text: string): Separator {
  const looks = SEPARATORS.map(separator => {
    const rows = rowsOf(text, separator, LOOKED_AT);
    const widths = new Map<number, number>();
    for (const { cells } of rows) if (cells.length >= 2) widths.set(cells.length, (widths.get(cells.length) ?? 0) + 1);
    const [width, count] = [...widths].sort(([, one], [, other]) => other - one)[0] ?? [1, 0];
    return { separator, width, isMost: count * 2 >= rows.length && width >= 3, score: count * width };
  });
  const clear = looks.find(({ isMost }) => isMost);
  const best = [...looks].sort((one, other) => other.score - one.score)[0];
  return (clear ?? best)?.separator ?? ',';
}
