import { type FileHandle, open } from 'node:fs/promises';
import type { SoughtCall } from '../calls/evidence';
import { callerChannelOf } from '../calls/leg-names';
import { sharedQuestion } from '../database/shared-question';
import { CHUNK_BYTES, readAt } from './record-file';
import { bornAt, eachLine, eventOf, headOf, LATE_MS, MOST_LINE_BYTES } from './record-lines';
import type { JournalEvent } from './written-call';

/** About 70,000 lines of a usual length: 10,000 calls that talk have 40,000. */
const MOST_KEPT_BYTES = 16 * 1024 * 1024;
/** What a line, and a call, takes beside the text. */
const OVERHEAD_BYTES = 64;

/**
 * The first reading begins this far before the end of the file, and so does a reading that would be longer. A switch of 50 calls a second
 * writes this in 90 seconds.
 */
const MOST_UNREAD_BYTES = 8 * 1024 * 1024;

/** The lines of so many calls are cut up at once: those of 10,000 take 0.4 s, in which no other call would go on. */
const AT_ONCE = 200;
/** A clock is adjusted by less than this unless it is set. Ms. */
const SAME_CLOCK_MS = 1_000;
/** About 2 MB. */
const MOST_MISNAMED = 10_000;

/** Where the last reading ended. */
interface Place {
  /** Where the last line begins. */
  position: number;
  /** That line, as far as it was written. A file that does not have it there is another one, or was cut off meanwhile. */
  line: Buffer;
  /** It was whole, and was looked at. */
  isRead: boolean;
}

/**
 * The journal's file read forwards: each line once, from where the last reading ended. On a busy switch a call ends all the time, and a
 * search backwards for each end reads the same minute again and again.
 *
 * It keeps the lines of each call that it has read from the first line on, and knows which calls these are. Every other call is searched in
 * the files as before: a call whose channel is older than the first line that was read, or younger by less than LATE_MS; a call that was in
 * progress when the file was rotated, cut off or replaced, because all is forgotten then; a call whose lines were forgotten; and a call whose
 * name has a later time than its first line. Its channel got the name from another program (a phone number is a time in 2126), or when the
 * clock was ahead: its first lines may be in a file before this one. If the lines take more than MOST_KEPT_BYTES, calls are forgotten: first
 * those that ended, then those that are in progress, the oldest first.
 */
export class JournalTail {
  private place: Place | null = null;
  /** Lines by linkedid, in the order of their first lines. */
  private readonly inProgress = new Map<string, string[]>();
  /** The same of calls whose caller is gone, in the order of their ends. */
  private readonly ended = new Map<string, string[]>();
  private keptBytes = 0;
  /** Every line of a call whose channel was made after this was read, and none was forgotten. ms since 1970, by the switch's clock. */
  private wholeSince = Number.POSITIVE_INFINITY;
  /** Channels whose names had a later time than the clock when they were first seen. The clock may reach that time. */
  private readonly misnamed = new Set<string>();
  private readonly readOn = sharedQuestion<never, void>(() => this.read());

  constructor(
    private readonly path: string,
    private readonly mostKeptBytes = MOST_KEPT_BYTES,
    /** The switch's clock: it is on this machine. */
    private readonly now = () => Date.now(),
  ) {}

  /**
   * The rows of these calls by their uniqueids, the youngest first, as they are in the file now; [] for a call without a row. A call that is
   * missing must be searched in the files. Never rejects: without a file every call is missing.
   */
  async of(calls: readonly Pick<SoughtCall, 'uniqueid' | 'startAt'>[]): Promise<Map<string, JournalEvent[]>> {
    const known = new Map<string, JournalEvent[]>();
    try {
      await this.readOn([]);
    } catch {
      return known;
    }
    for (const [index, { uniqueid, startAt }] of calls.entries()) {
      if (index % AT_ONCE === AT_ONCE - 1) await new Promise(setImmediate);
      const channel = callerChannelOf(uniqueid);
      // The name is no time of the channel, and a search would begin at `startAt`, perhaps in a file before this one.
      if (startAt < (bornAt(channel) ?? 0)) continue;
      const lines = this.linesOf(channel, this.now());
      if (lines === null) continue;
      const rows = lines.flatMap(line => eventOf(line)?.row ?? []);
      known.set(uniqueid, rows.reverse());
    }
    return known;
  }

  /**
   * The kept lines of a call that is seen at `seenAt`; null if some were not read, or were forgotten. A call is kept from its first line on,
   * or from when it is asked for: it may ring for long before it has a line.
   */
  private linesOf(channel: string, seenAt: number): string[] | null {
    const known = this.inProgress.get(channel) ?? this.ended.get(channel);
    if (known) return known;
    const born = bornAt(channel);
    if (born === null || born <= this.wholeSince || this.misnamed.has(channel)) return null;
    if (born > seenAt + SAME_CLOCK_MS) {
      if (this.misnamed.size >= MOST_MISNAMED) this.forgetAll();
      else this.misnamed.add(channel);
      return null;
    }
    const lines: string[] = [];
    this.inProgress.set(channel, lines);
    this.keptBytes += OVERHEAD_BYTES;
    return lines;
  }

  private async read(): Promise<void> {
    try {
      const file = await open(this.path, 'r');
      try {
        const { size } = await file.stat();
        if (this.place && (await this.readFrom(this.place, file, size))) return;
        this.forgetAll();
        const position = Math.max(0, size - MOST_UNREAD_BYTES);
        if (!(await this.readFrom({ position, line: Buffer.alloc(0), isRead: false }, file, size))) this.forgetAll();
      } finally {
        await file.close();
      }
    } catch (error) {
      this.forgetAll();
      throw error;
    }
  }

  /** Reads from `place` to `size`; false if that is not possible. */
  private async readFrom(place: Place, file: FileHandle, size: number): Promise<boolean> {
    let { position, isRead } = place;
    if (size < position + place.line.length || size > position + MOST_UNREAD_BYTES) return false;
    let text = await readAt(file, position, Math.min(size - position, place.line.length + CHUNK_BYTES));
    if (!text.subarray(0, place.line.length).equals(place.line)) return false;
    for (;;) {
      const begin = eachLine(text, line => {
        if (!isRead) this.take(line);
        isRead = false;
      });
      position += begin;
      text = text.subarray(begin);
      if (text.length > MOST_LINE_BYTES) return false;
      const behind = position + text.length;
      if (behind >= size) break;
      const more = await readAt(file, behind, Math.min(size - behind, CHUNK_BYTES));
      if (more.length === 0) return false;
      text = Buffer.concat([text, more]);
    }
    const last = text.toString('utf8');
    if (!isRead && eventOf(last) !== null) {
      this.take(last);
      isRead = true;
    }
    this.place = { position, line: Buffer.from(text), isRead };
    return true;
  }

  private take(line: string): void {
    const { event, at, uniqueid, linkedid } = headOf(line);
    if (this.wholeSince === Number.POSITIVE_INFINITY) {
      const first = eventOf(line);
      // A search backwards for a younger call stops at this line, if not before. So it finds nothing that is not read here.
      if (first !== null) this.wholeSince = first.at + LATE_MS;
      return;
    }
    const lines = this.linesOf(linkedid, at);
    if (lines === null) return;
    lines.push(line);
    this.keptBytes += line.length + OVERHEAD_BYTES;
    if (event === 'HANGUP' && uniqueid === linkedid) {
      this.inProgress.delete(linkedid);
      this.ended.set(linkedid, lines);
    }
    while (this.keptBytes > this.mostKeptBytes) this.forgetOldest();
  }

  private forgetOldest(): void {
    const calls = this.ended.size > 0 ? this.ended : this.inProgress;
    const [channel, lines] = calls.entries().next().value as [string, string[]];
    calls.delete(channel);
    this.keptBytes -= lines.reduce((bytes, line) => bytes + line.length + OVERHEAD_BYTES, OVERHEAD_BYTES);
    // A later line of this call must not look like its first.
    this.wholeSince = Math.max(this.wholeSince, bornAt(channel) as number);
  }

  private forgetAll(): void {
    this.place = null;
    this.inProgress.clear();
    this.ended.clear();
    this.misnamed.clear();
    this.keptBytes = 0;
    this.wholeSince = Number.POSITIVE_INFINITY;
  }
}
