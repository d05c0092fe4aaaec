/**
 * How long a log-in must wait after wrong ones. Pure: time is given in ms of any clock that does not go back.
 *
 * Counted for each person at each place, and for each place over all people. There is no count of a person over all places: by it a stranger
 * could keep the person out. For the same reason a place at which a person has logged in before does not count for that person, and no wait
 * is longer than a minute. In a browser in which the person has logged in before, that browser counts in place of the address, so that strangers
 * at the same address (of a NAT, of a proxy that is not named) delay nothing there.
 */

/** Wrong passwords that cost nothing: of one person at one place, and of one place. */
const FREE = { pair: 5, place: 20 };
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** Without a wrong one for this long, all is forgotten. */
const FORGOTTEN_AFTER_MS = 3_600_000;
/** The most that is remembered of each kind. */
const MOST_KEPT = 20_000;

/** Wrong codes of a second factor beside the right password: by a client that has the password, so the waits are longer. */
const CODES = { free: 5, longestMs: 900_000 };

/** The wait after `wrong` tries, if `free` tries cost nothing. It doubles each time. Ms. */
export const waitAfter = (wrong: number, free: number, longestMs = LONGEST_WAIT_MS): number =>
  wrong < free ? 0 : Math.min(longestMs, FIRST_WAIT_MS * 2 ** (wrong - free));

/** A try to log in. It counts as wrong until it is told that it was right. */
export interface Try {
  /** Of a person, or of none: strangers try names too. */
  name: string;
  place: string;
  /** The person has logged in at this place, or in this browser, before. */
  isKnown: boolean;
  /** The browser, if it is one in which the person has logged in; otherwise null. */
  browser: string | null;
}

export class LoginDelays {
  private readonly pairs: Tallies;
  private readonly places: Tallies;
  private readonly codes: Tallies;

  constructor(mostKept = MOST_KEPT) {
    [this.pairs, this.places, this.codes] = [new Tallies(mostKept), new Tallies(mostKept), new Tallies(mostKept)];
  }

  /** 0, and the try is counted; or how long to wait before the next try, in ms. */
  begin(tried: Try, nowMs: number): number {
    const { place, isKnown } = tried;
    const pair = pairOf(tried);
    const wait = Math.max(
      this.pairs.waitMs(pair, nowMs, FREE.pair),
      isKnown ? 0 : this.places.waitMs(place, nowMs, FREE.place),
    );
    if (wait > 0) return wait;
    this.pairs.count(pair, nowMs);
    if (!isKnown) this.places.count(place, nowMs);
    return 0;
  }

  /**
   * Begins the first of these tries that needs not wait, and returns it; or how long to wait for the one that may begin soonest, in ms. The same
   * client may count by its browser or by its place: who has stolen a browser's mark must not keep the person out by it either.
   */
  beginOne(tries: readonly Try[], nowMs: number): Try | number {
    let soonestMs = Number.POSITIVE_INFINITY;
    for (const tried of tries) {
      const waitMs = this.begin(tried, nowMs);
      if (waitMs === 0) return tried;
      soonestMs = Math.min(soonestMs, waitMs);
    }
    return soonestMs;
  }

  /** The try was no wrong one, and no right one either: it does not count. */
  takeBack(tried: Try): void {
    this.pairs.takeBack(pairOf(tried));
    if (!tried.isKnown) this.places.takeBack(tried.place);
  }

  /** The person is logged in. Of the place only this try is taken back: otherwise one right password would pay for any number of wrong ones. */
  wasRight(tried: Try): void {
    this.takeBack(tried);
    this.pairs.forget(pairOf(tried));
  }

  /** The same for a code of a person's second factor. At a place where the person is known, only the pair counts. */
  beginCode({ name, isKnown }: Try, nowMs: number): number {
    if (isKnown) return 0;
    const wait = this.codes.waitMs(name, nowMs, CODES.free, CODES.longestMs);
    if (wait === 0) this.codes.count(name, nowMs);
    return wait;
  }

  codeWasRight({ name, isKnown }: Try): void {
    if (!isKnown) this.codes.takeBack(name);
  }
}

/** No place has a line end, and none is like a browser, so no two pairs are one. */
const pairOf = ({ name, place, browser }: Try): string => `${name}\n${browser ?? place}`;

interface Tally {
  wrong: number;
  lastMs: number;
}

/** Wrong tries by their key; the one counted last stands last. */
class Tallies {
  private readonly tallies = new Map<string, Tally>();

  constructor(private readonly most: number) {}

  waitMs(key: string, nowMs: number, free: number, longestMs?: number): number {
    const tally = this.tallies.get(key);
    if (!tally || nowMs - tally.lastMs >= FORGOTTEN_AFTER_MS) return 0;
    return Math.max(0, tally.lastMs + waitAfter(tally.wrong, free, longestMs) - nowMs);
  }

  count(key: string, nowMs: number): void {
    const tally = this.tallies.get(key);
    const wrong = tally && nowMs - tally.lastMs < FORGOTTEN_AFTER_MS ? tally.wrong : 0;
    this.tallies.delete(key);
    if (this.tallies.size >= this.most) this.tallies.delete(this.tallies.keys().next().value as string);
    this.tallies.set(key, { wrong: wrong + 1, lastMs: nowMs });
  }

  takeBack(key: string): void {
    const tally = this.tallies.get(key);
    if (tally) tally.wrong = Math.max(0, tally.wrong - 1);
  }

  forget(key: string): void {
    this.tallies.delete(key);
  }
}
