import { createReadStream } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import {
  beginsLine,
  eachLine,
  eventAmong,
  eventOf,
  LATE_MS,
  lastLineStart,
  MOST_LINE_BYTES,
  NEWLINE,
  type Parse,
  recordOf,
} from './record-lines';
import type { WrittenRows } from './record-store';
import { isAnswerOfOurs, type JournalEvent, type LegRecord } from './written-call';

/**
 * The two files that an Asterisk on this machine writes below its log folder, by dialplan/cel_custom.conf and dialplan/cdr_custom.conf.
 * They are in order of time, so only a part of them is read: backwards from their ends, or from where a span of time ends. Torn and foreign
 * lines are skipped.
 */

/** How much is read at once. */
export const CHUNK_BYTES = 256 * 1024;
/**
 * How much of the end of a file is searched for calls that may still be written of. A switch of 50 calls a second writes this in half an
 * hour. A span that has ended is read whole, however much was written in it: what is missing from it may cost money.
 */
const MOST_BYTES = 256 * 1024 * 1024;

const MINUTE_MS = 60_000;

/** A span of time; ms since 1970. */
export interface Span {
  from: number;
  /** Infinity for the end of the file. */
  to: number;
}

/**
 * Asterisk's records of these calls, which began and ended within `span`, in the files of `folder`, its log folder; also in the files to
 * which they were rotated, compressed or not.
 * @throws the file system's error if there is no file that can be read.
 */
export async function rowsInFiles(folder: string, uniqueids: ReadonlySet<string>, span: Span): Promise<WrittenRows> {
  const read = await Promise.allSettled([
    journalInFiles(folder, uniqueids, span),
    recordsInFiles(folder, uniqueids, span),
  ]);
  const failures = read.flatMap(file => (file.status === 'rejected' ? [file.reason] : []));
  // A file without the right to read says more than a missing one.
  if (failures.length === read.length) throw failures.find(failure => failure.code !== 'ENOENT') ?? failures[0];
  const [journal, records] = read;
  return {
    journal: journal.status === 'fulfilled' ? journal.value : [],
    records: records.status === 'fulfilled' ? records.value : [],
  };
}

/** The same of the journal alone. @throws the file system's error. */
export async function journalInFiles(
  folder: string,
  uniqueids: ReadonlySet<string>,
  span: Span,
): Promise<JournalEvent[]> {
  const journal: JournalEvent[] = [];
  const isMine = (row: JournalEvent | null) => row !== null && uniqueids.has(row.linkedid);
  const take = (row: JournalEvent | null) => journal.push(row as JournalEvent);
  await readSpan(celPathOf(folder), span, eventAmong(uniqueids), isMine, take);
  return journal;
}

async function recordsInFiles(folder: string, uniqueids: ReadonlySet<string>, span: Span): Promise<LegRecord[]> {
  const records: LegRecord[] = [];
  const isMine = ({ linkedid }: LegRecord) => uniqueids.has(linkedid);
  await readSpan(join(folder, 'cdr-custom/ringfence.csv'), span, recordOf, isMine, record => records.push(record));
  return records;
}

/** Answers of legs that Ringfence called, within `span`. @throws the file system's error. */
export async function answersInFile(folder: string, span: Span): Promise<JournalEvent[]> {
  const answers: JournalEvent[] = [];
  const isIn = ({ at }: JournalEvent) => at >= span.from && at < span.to;
  const isWanted = (event: JournalEvent) => isAnswerOfOurs(event) && isIn(event);
  await readSpan(celPathOf(folder), span, eventOf, isWanted, event => answers.push(event));
  return answers;
}

/** Whether the journal has any line within `span`. @throws the file system's error. */
export async function hasLines(folder: string, span: Span): Promise<boolean> {
  let found = false;
  const isIn = ({ at }: JournalEvent) => !found && at >= span.from && at < span.to;
  await readSpan(celPathOf(folder), span, eventOf, isIn, () => {
    found = true;
  });
  return found;
}

/** The first and the last line of the journal in each minute of this span that has one; in no order. @throws the file system's error. */
export async function minutesInFile(folder: string, span: Span): Promise<Span[]> {
  const minutes = new Map<number, Span>();
  const isIn = ({ at }: JournalEvent) => at >= span.from && at < span.to;
  await readSpan(celPathOf(folder), span, eventOf, isIn, ({ at }) => {
    const minute = Math.floor(at / MINUTE_MS);
    const { from, to } = minutes.get(minute) ?? { from: at, to: at };
    minutes.set(minute, { from: Math.min(from, at), to: Math.max(to, at) });
  });
  return [...minutes.values()];
}

/** Whether the error of reading a folder says that the folder exists but has no file yet: Asterisk has written nothing there. */
export const isNoFileYet = ({ code, syscall }: NodeJS.ErrnoException): boolean =>
  code === 'ENOENT' && syscall === 'open';

/** The journal's file in a switch's log folder. */
export const celPathOf = (folder: string): string => join(folder, 'cel-custom/ringfence.csv');

/** How often files are read anew that were rotated during the reading. */
const MOST_READINGS = 3;

/**
 * Hands over the wanted rows and keeps nothing else. If the files were rotated meanwhile it reads them once more, because one of them may
 * have been missed. So a row may come twice.
 */
async function readSpan<Row>(
  path: string,
  span: Span,
  parse: Parse<Row>,
  isWanted: (row: Row) => boolean,
  take: (row: Row) => unknown,
): Promise<void> {
  let parts = await partsOf(path);
  for (let reading = 1; ; reading++) {
    const found = await readParts(path, parts, span, parse, isWanted, take);
    const before = identityOf(parts);
    parts = await partsOf(path);
    if (reading < MOST_READINGS && identityOf(parts) !== before) continue;
    // Throws the file system's own error if there is none.
    if (found === 0) await (await open(path, 'r')).close();
    return;
  }
}

/** The same for the files as they were listed; returns how many of them could be read. */
async function readParts<Row>(
  path: string,
  parts: readonly Part[],
  span: Span,
  parse: Parse<Row>,
  isWanted: (row: Row) => boolean,
  take: (row: Row) => unknown,
): Promise<number> {
  const takeLine = (line: string): boolean => {
    const parsed = parse(line);
    if (parsed === null) return true;
    if (isWanted(parsed.row)) take(parsed.row);
    return parsed.at >= span.from - LATE_MS;
  };
  const timeOf = (line: string): number | null => parse(line)?.at ?? null;
  const until = span.to + LATE_MS;
  const files = partsSince(path, parts, span.from - LATE_MS);
  let found = 0;
  let isWhole = false;
  for (const file of files) {
    if (isWhole) break;
    const isKept = (line: string): boolean => {
      const parsed = parse(line);
      return parsed !== null && parsed.at >= span.from - LATE_MS && parsed.at <= until && isWanted(parsed.row);
    };
    const reading = file.endsWith('.gz')
      ? readZipped(file, isKept, takeLine)
      : readBackwards(file, until, timeOf, takeLine);
    const reachedStart = await reading.catch((error: NodeJS.ErrnoException) => {
      // The file was rotated once more meanwhile: its content is in the next one, or compressed by now. Or a compressed file is torn, and
      // the others are worth as much without it.
      if (error.code !== 'ENOENT' && !error.code?.startsWith('Z_')) throw error;
      found--;
      return true;
    });
    found++;
    isWhole = !reachedStart;
  }
  return found;
}

/** A file of the folder that holds rows of a kind. */
interface Part {
  file: string;
  /** ms since 1970. */
  changedAt: number;
  /** The file itself, whatever its name. */
  inode: number;
}

/** Which file has which name: this changes with each rotation. */
const identityOf = (parts: readonly Part[]): string =>
  parts
    .map(({ file, inode }) => `${file} ${inode}`)
    .sort()
    .join('\n');

/** The file itself, if it exists, and the files to which it was rotated, by whatever name (`….1`, `…-20261129`, `….2.gz`), in no order. */
async function partsOf(path: string): Promise<Part[]> {
  const [folder, name] = [dirname(path), basename(path)];
  const names = (await readdir(folder)).filter(
    each => each === name || (each.startsWith(name) && /^[.-]/.test(each.slice(name.length))),
  );
  const parts = await Promise.all(
    names.map(async each => {
      const file = join(folder, each);
      // A file that is gone again was renamed, and is seen by its new name.
      return stat(file).then(
        ({ mtimeMs, ino }): Part[] => [{ file, changedAt: mtimeMs, inode: ino }],
        () => [],
      );
    }),
  );
  return parts.flat();
}

/**
 * The names of the files that are worth reading, the youngest first, without those that were last written before `since`. The file itself
 * is always among them: it may have been rotated a moment ago, with nothing written since.
 */
function partsSince(path: string, parts: readonly Part[], since: number): string[] {
  const names = new Set(parts.map(({ file }) => file));
  // While a file is being compressed both exist, and the compressed one is not whole.
  const isBeingMade = (file: string) => file.endsWith('.gz') && names.has(file.slice(0, -'.gz'.length));
  const wanted = parts.filter(({ file, changedAt }) => file !== path && changedAt >= since && !isBeingMade(file));
  return [path, ...wanted.sort((one, other) => other.changedAt - one.changedAt).map(({ file }) => file)];
}

/**
 * The same for a compressed file, which is read from its beginning to its end; only what is kept takes memory. Always true: the file's time
 * says when it was last written, or copied, and not that no other file has what is sought.
 */
async function readZipped(
  path: string,
  isKept: (line: string) => boolean,
  take: (line: string) => boolean,
): Promise<boolean> {
  const kept: string[] = [];
  const look = (line: string) => {
    if (isKept(line)) kept.push(line);
  };
  let rest = Buffer.alloc(0);
  const source = createReadStream(path);
  const unzipped = source.pipe(createGunzip());
  source.once('error', error => unzipped.destroy(error));
  try {
    for await (const chunk of unzipped) {
      const text = Buffer.concat([rest, chunk]);
      const begin = eachLine(text, look);
      rest = text.length - begin > MOST_LINE_BYTES ? Buffer.alloc(0) : Buffer.from(text.subarray(begin));
    }
  } finally {
    // A torn file ends the one and leaves the other open.
    source.destroy();
  }
  look(rest.toString('utf8'));
  for (const line of kept.reverse()) take(line);
  return true;
}

/** Hands over the lines up to `until`, from the last to the first, until one is declined; true when the first was reached. */
async function readBackwards(
  path: string,
  until: number,
  timeOf: (line: string) => number | null,
  take: (line: string) => boolean,
): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    let position = await endOf(file, until, timeOf);
    const stopAt = until === Number.POSITIVE_INFINITY ? Math.max(0, position - MOST_BYTES) : 0;
    let rest = Buffer.alloc(0);
    while (position > stopAt) {
      const size = Math.min(CHUNK_BYTES, position - stopAt);
      position -= size;
      let text = Buffer.concat([await readAt(file, position, size), rest]);
      for (;;) {
        const start = lastLineStart(text);
        // The beginning of a chunk may be the middle of a line.
        if (start < 0 || (start === 0 && position > 0)) break;
        if (!take(text.toString('utf8', start))) return false;
        text = text.subarray(0, start);
      }
      rest = text.length > MOST_LINE_BYTES ? Buffer.alloc(0) : Buffer.from(text);
    }
    return stopAt === 0;
  } finally {
    await file.close();
  }
}

/** A place in the file behind which every line is later than `until`. Found by halving, because the lines are in order of time. */
async function endOf(file: FileHandle, until: number, timeOf: (line: string) => number | null): Promise<number> {
  let high = (await file.stat()).size;
  if (until === Number.POSITIVE_INFINITY) return high;
  for (let low = 0; high - low > CHUNK_BYTES; ) {
    const middle = Math.floor((low + high) / 2);
    const line = await lineAfter(file, middle);
    const at = line === null ? null : timeOf(line.text);
    if (line === null || at === null || line.position >= high) return high;
    if (at > until) high = line.position;
    else low = middle;
  }
  return high;
}

/** The first line that begins behind `position`, near it; null if there is none. */
async function lineAfter(file: FileHandle, position: number): Promise<{ text: string; position: number } | null> {
  const text = await readAt(file, position, MOST_LINE_BYTES);
  for (let newline = text.indexOf(NEWLINE); newline >= 0; newline = text.indexOf(NEWLINE, newline + 1)) {
    if (beginsLine(text, newline + 1)) {
      return { text: text.toString('utf8', newline + 1), position: position + newline + 1 };
    }
  }
  return null;
}

export async function readAt(file: FileHandle, position: number, size: number): Promise<Buffer> {
  const buffer = Buffer.alloc(size);
  const { bytesRead } = await file.read(buffer, 0, size, position);
  return buffer.subarray(0, bytesRead);
}
