/**
 * The keys that a caller has pressed and that are not used yet: those that the switch kept, and those of them that its commands returned.
 * No clock, no socket.
 *
 * The switch keeps every key, whatever the channel is doing. Only when keys come in one burst between two of our commands may it keep a key
 * twice: Asterisk puts a key that follows another too soon back into its queue, and keeps it again when it takes it out (main/channel.c of
 * 22.10.1, queue_dtmf_readq). A command that reads returns each key once, but not keys that came while no command was in progress. So a key
 * that was only kept counts like one that was returned, unless an equal key comes soon after it.
 */
export class TypedKeys {
  private kept = '';
  private told = '';
  /** Whether the keys taken last were cut off in the middle. */
  private isCut = false;

  /** Keys that the switch has kept since it was last asked. */
  keep(keys: string): void {
    this.kept += keys;
  }

  /** Keys that a command has returned. Each is kept as well. */
  tell(keys: string): void {
    this.told += keys;
  }

  /** How many are kept. */
  get count(): number {
    return this.kept.length;
  }

  /** Whether an entry is whole: it has its `#`, or it is longer than any. */
  get isWhole(): boolean {
    return this.kept.includes(END_KEY) || this.kept.length >= MOST_KEYS;
  }

  /** The first entry, without its `#`; all keys if none ended it. `isSure`: exactly these keys were pressed. */
  take(): { digits: string; isSure: boolean } {
    const at = this.kept.indexOf(END_KEY);
    const length = at === -1 ? this.kept.length : at + 1;
    const { extras, matched } = this.aligned(length);
    // A key that is kept twice is kept first while nothing reads. The more such keys, the farther behind is the double.
    const reach = 2 * extras.length;
    const isAlone = (extra: number) =>
      !this.kept.slice(extra + 1, extra + 1 + reach).includes(this.kept[extra] as string);
    const isSure = matched !== null && extras.filter(extra => extra < length).every(isAlone);
    const digits = this.kept.slice(0, at === -1 ? length : at);
    this.isCut = at === -1 && length >= MOST_KEYS;
    this.kept = this.kept.slice(length);
    this.told = matched === null ? '' : this.told.slice(matched);
    return { digits, isSure };
  }

  /** Forgets all keys. Returns whether the next key begins an entry: the last key ended one, or there was none. */
  forget(): boolean {
    const isBetween = this.kept === '' ? !this.isCut : this.kept.endsWith(END_KEY);
    this.isCut = false;
    this.kept = '';
    this.told = '';
    return isBetween;
  }

  /**
   * Which kept keys were not returned, and how many of the returned ones are among the first `length`; null if they do not fit together.
   */
  private aligned(length: number): { extras: number[]; matched: number | null } {
    const extras: number[] = [];
    let [rest, matched] = [this.told.length, 0];
    // From the end: of two equal keys, the one that was not returned is the first.
    for (let index = this.kept.length - 1; index >= 0; index--) {
      if (rest === 0 || this.kept[index] !== this.told[rest - 1]) extras.push(index);
      else {
        rest--;
        if (index < length) matched++;
      }
    }
    return { extras, matched: rest === 0 ? matched : null };
  }
}

export const END_KEY = '#';
/** Longer than any PIN, code or number: more keys cannot make it right. */
export const MOST_KEYS = 100;
