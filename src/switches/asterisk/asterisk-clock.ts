/**
 * Milliseconds since 1970 of an Asterisk time stamp: `2026-11-21T08:50:51.948+0000`.
 *
 * NaN for anything else. Written by hand because every event carries one and the offset has no colon, which `Date.parse` need not accept.
 * Source: `%FT%T.%q%z`, Asterisk's include/asterisk/localtime.h.
 */
export function parseAsteriskStamp(stamp: string): number {
  const match = STAMP.exec(stamp);
  if (match === null) return Number.NaN;
  const [, year, month, day, hour, minute, second, ms, sign, offsetHours, offsetMinutes] = match;
  const local = Date.UTC(+year!, +month! - 1, +day!, +hour!, +minute!, +second!, ms === undefined ? 0 : +ms);
  const offsetMs = (+offsetHours! * 60 + +offsetMinutes!) * 60_000;
  return sign === '-' ? local + offsetMs : local - offsetMs;
}

const STAMP = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?([+-])(\d\d):?(\d\d)$/;

/** How long an estimate is kept against worse ones: a quartz clock that is 100 ppm off drifts 6 ms in it. */
const ESTIMATE_LASTS_MS = 60_000;

/**
 * The clock of one switch, estimated from its answers.
 *
 * Before the first answer it is this machine's own clock. After it, the error is at most half the round trip of the best ping of the last
 * minute, plus the millisecond of Asterisk's stamps. `monotonicMs` is the time base, so a step of this machine's clock changes nothing. A
 * step of the switch's clock is followed within a minute, or at once if it goes forward.
 */
export class SwitchClock {
  #offsetMs: number;
  #roundTripMs = Number.POSITIVE_INFINITY;
  #estimatedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly monotonicMs: () => number = () => performance.now(),
    epochMs: () => number = Date.now,
  ) {
    this.#offsetMs = epochMs() - monotonicMs();
  }

  /** Whole milliseconds since 1970 by the switch's clock. May step back by the error of the estimate. */
  now(): number {
    return Math.round(this.monotonicMs() + this.#offsetMs);
  }

  /** An answer stamped `stampMs` to a question sent at `sentAt` (of `monotonicMs`), which has just come in. */
  pinged(sentAt: number, stampMs: number): void {
    const receivedAt = this.monotonicMs();
    const roundTripMs = receivedAt - sentAt;
    if (Number.isNaN(stampMs)) return;
    if (roundTripMs > this.#roundTripMs && receivedAt - this.#estimatedAt < ESTIMATE_LASTS_MS) return;
    this.#roundTripMs = roundTripMs;
    this.#estimatedAt = receivedAt;
    this.#offsetMs = stampMs - (sentAt + roundTripMs / 2);
  }

  /** An event stamped `stampMs` has just come in: the switch's clock cannot be behind it. */
  sawEvent(stampMs: number): void {
    const leastOffsetMs = stampMs - this.monotonicMs();
    if (leastOffsetMs > this.#offsetMs) this.#offsetMs = leastOffsetMs;
  }
}
