import type { AgiSession } from './agi-session';

/** Any key: what is pressed during a prompt ends it, and counts. */
const ANY_KEY = '0123456789*#';
/** GET DATA plays something; what there was to say has been said. */
const NO_SOUND = 'silence/1';
/** How long a caller may think, and pause between two digits. Ms. */
const ENTRY_MS = 5_000;
/** A prompt or a spoken number takes no longer than this, nor an entry of the most digits. Ms. */
const SOUND_MS = 60_000;
const MOST_ENTRY_MS = 300_000;

/** The caller hung up. */
export class CallerGone extends Error {
  override name = 'CallerGone';
}

/** What a caller hears and enters. */
export class Keypad {
  constructor(
    private readonly session: AgiSession,
    private readonly onMissing: (sound: string) => void,
  ) {}

  /**
   * What is entered after the prompts, or during them: up to `#`, to a pause, or to the most digits. `isSilent`: it was ended by a
   * pause. @throws CallerGone, and as AgiSession.
   */
  async entry(
    media: readonly string[],
    mostDigits: number,
  ): Promise<{ type: 'entered'; digits: string; isSilent: boolean }> {
    const first = await this.say(media);
    if (first === '#') return { type: 'entered', digits: '', isSilent: false };
    const room = String(mostDigits - first.length);
    const { result, value } = await this.session.ask('GET DATA', [NO_SOUND, String(ENTRY_MS), room], MOST_ENTRY_MS);
    if (result === '-1') {
      if (await this.isGone()) throw new CallerGone();
      this.onMissing(NO_SOUND);
    }
    const digits = first + (/^[0-9*]*$/.test(result) ? result : '');
    return { type: 'entered', digits, isSilent: value === 'timeout' || result === '-1' };
  }

  /**
   * Says one thing after the other; returns the key that was pressed meanwhile and ended it, '' for none.
   * @throws CallerGone, and as AgiSession.
   */
  async say(media: readonly string[]): Promise<string> {
    for (const uri of media) {
      const [command, ...words] = commandOf(uri);
      const { code, result } = await this.session.ask(command, words, SOUND_MS);
      if (this.session.isHungUp || code === 511) throw new CallerGone();
      // A prompt that is not there is told like one that was broken off.
      if (result === '-1') {
        if (await this.isGone()) throw new CallerGone();
        this.onMissing(uri);
      }
      const key = Number(result) > 0 ? String.fromCharCode(Number(result)) : '';
      if (key !== '' && ANY_KEY.includes(key)) return key;
    }
    return '';
  }

  /** @throws as AgiSession. */
  async isGone(): Promise<boolean> {
    if (this.session.isHungUp) return true;
    const { code } = await this.session.ask('CHANNEL STATUS');
    return this.session.isHungUp || code === 511;
  }
}

/** How Asterisk is asked to play a medium of src/calls/announcements.ts. */
function commandOf(uri: string): [command: string, ...words: string[]] {
  const at = uri.indexOf(':');
  const [kind, what] = [uri.slice(0, at), uri.slice(at + 1)];
  if (kind === 'number') return ['SAY NUMBER', what, ANY_KEY];
  if (kind === 'digits') return ['SAY DIGITS', what, ANY_KEY];
  return ['STREAM FILE', what, ANY_KEY];
}
