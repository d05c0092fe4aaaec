/**
 * What a caller has pressed and nobody has used yet: the keys that the switch kept, and those of them that its commands told. No clock,
 * no socket.
 *
 * The switch keeps every key, whatever the channel is doing. Only where keys come in one burst between two of our commands may it keep
 * one twice: Asterisk puts a key that follows another too soon back into its queue, and keeps it again when it takes it out (main/channel.c
 * of 22.10.1, queue_dtmf_readq). A command that reads tells each key once, but not those that came while none was under way. So a key that
 * is only kept is as good as one that was told, unless another one like it comes soon.
 */
export class TypedKeys {
  private kept = '';
  private told = '';
  /** Whether what was taken last was cut off in the middle. */
  private isCut = false;

  /** Keys that the switch has kept since it was last asked. */
  keep(keys: string): void {
    this.kept += keys;
  }

  /** Keys that a command has told. Each is kept as well. */
  tell(keys: string): void {
    this.told += keys;
  }

  /** How many are kept. */
  get count(): number {
    return this.kept.length;
  }

  /** Whether an entry is whole: by its `#`, or as it is longer than any. */
  get isWhole(): boolean {
    return this.kept.includes(END_KEY) || this.kept.length >= MOST_KEYS;
  }

  /** The first entry, without its `#`: all that there is where none ended it. `isSure`: these are the keys that were pressed. */
  take(): { digits: string; isSure: boolean } {
    const at = this.kept.indexOf(END_KEY);
    const length = at === -1 ? this.kept.length : at + 1;
    const { extras, matched } = this.aligned(length);
    // A key that is kept twice is kept first while nothing reads; the more come so, the farther behind is its double.
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

  /** Forgets them all; returns whether what comes next begins an entry: the last key ended one, or there was none. */
  forget(): boolean {
    const isBetween = this.kept === '' ? !this.isCut : this.kept.endsWith(END_KEY);
    this.isCut = false;
    this.kept = '';
    this.told = '';
    return isBetween;
  }

  /** Which of the kept keys were not told, and how many of the told ones are of the first `length`; null where they do not fit. */
  private aligned(length: number): { extras: number[]; matched: number | null } {
    const extras: number[] = [];
    let [rest, matched] = [this.told.length, 0];
    // From the end: of two equal keys the one that was not told is the first.
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
/** Longer than any PIN, code or number: who goes on is wrong already. */
export const MOST_KEYS = 100;
