import { inLanguage } from '../../calls/announcements';
import type { AgiReply } from './agi-protocol';
import type { AgiSession } from './agi-session';
import { END_KEY, MOST_KEYS, TypedKeys } from './typed-keys';

/** Any key: a key pressed during a prompt ends the prompt, and counts. */
const ANY_KEY = '0123456789*#ABCD';
/**
 * Where the switch keeps keys, by StoreDTMF(). Between two AGI commands Asterisk reads the channel and throws away what it reads (run_agi
 * in res_agi.c): keys that come then would be lost without this.
 */
const KEPT = 'RINGFENCE_KEYS';
/** Reads the variable and empties it in one step: no key can come in between. No key is the delimiter. */
const TAKE_KEPT = `\${SHIFT(${KEPT},-)}`;
/** EXEC's answer for an application that is not loaded. */
const NO_APPLICATION = '-2';

const SOUND = 'sound:';

/** How long a caller may think before the first key, and pause between two keys; seconds. */
const ENTRY_SECONDS = 5;
const SECOND_MS = 1_000;
/** After so many seconds without a key a caller has stopped. */
const PAUSE_SECONDS = 2;
/** Longer than a caller who does not pause takes for the next key. Ms. */
const NEXT_KEY_MS = 300;
/** No prompt or spoken number takes longer. Ms. */
const SOUND_MS = 60_000;
/** No command that reads takes longer, whatever is pressed: the most keys, each at the last moment. Ms. */
const READING_MS = SOUND_MS + MOST_KEYS * SECOND_MS;

/** The caller hung up. */
export class CallerGone extends Error {
  override name = 'CallerGone';
}

/** The switch cannot keep keys, so a caller's keys could be lost. */
export class KeysNotKept extends Error {
  override name = 'KeysNotKept';
}

/** An entry. `isSilent`: nothing was entered. `isSure`: no key can be missing or doubled. */
export interface Entered {
  digits: string;
  isSilent: boolean;
  isSure: boolean;
}

/** What a caller hears and enters. No key is lost, however long the work between two prompts takes. */
export class Keypad {
  private readonly typed = new TypedKeys();

  constructor(
    private readonly session: AgiSession,
    private readonly language: string,
    private readonly onMissing: (sound: string) => void,
  ) {}

  /** From here on every key is kept. @throws KeysNotKept, and as AgiSession. */
  async begin(): Promise<void> {
    const { result } = await this.session.ask('EXEC', ['StoreDTMF', `RX,${KEPT}`]);
    if (result === NO_APPLICATION) throw new KeysNotKept('load app_dtmfstore.so: see dialplan/modules.conf');
  }

  /**
   * The entry up to `#`, or up to a pause. Keys typed ahead are taken at once, and the prompts are left out.
   * @throws CallerGone, and as AgiSession.
   */
  async entry(media: readonly string[]): Promise<Entered> {
    await this.look();
    const waited = await this.prompt(inLanguage(media, this.language));
    await this.readUntil(() => this.typed.isWhole, ENTRY_SECONDS, waited);
    const isSilent = this.typed.count === 0;
    return { ...this.typed.take(), isSilent };
  }

  /** Keeps reading keys while other work goes on, and returns that work's result. @throws CallerGone, and as AgiSession and the work. */
  async meanwhile<Result>(work: Promise<Result>): Promise<Result> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    // If the caller goes meanwhile, nothing waits for the work any more.
    done.catch(() => {});
    while (!isDone) await this.read(NEXT_KEY_MS);
    return done;
  }

  /**
   * Forgets what was typed: it was not meant for the next question. A caller in the middle of an entry may finish it, so that its rest
   * does not count for the next one.
   * @throws CallerGone, and as AgiSession.
   */
  async forget(): Promise<void> {
    await this.look();
    if (this.typed.forget()) return;
    await this.readUntil(() => this.typed.isWhole, PAUSE_SECONDS);
    this.typed.forget();
  }

  /** Plays one sound after the other until a key is pressed. @throws CallerGone, and as AgiSession. */
  async say(media: readonly string[]): Promise<void> {
    for (const uri of inLanguage(media, this.language)) if (await this.play(uri)) return;
  }

  /** @throws as AgiSession. */
  async isGone(): Promise<boolean> {
    if (this.session.isHungUp) return true;
    const { code } = await this.session.ask('CHANNEL STATUS');
    return this.session.isHungUp || code === 511;
  }

  /**
   * Plays until a key is pressed. The command that reads plays the last sound, so that no key can come between the two. Returns how many
   * seconds it waited after the sound.
   */
  private async prompt(media: readonly string[]): Promise<number> {
    let waited = 0;
    for (const [index, uri] of media.entries()) {
      if (this.typed.count > 0) break;
      if (index === media.length - 1 && uri.startsWith(SOUND)) waited = await this.read(SECOND_MS, uri);
      else await this.play(uri);
      await this.look();
    }
    return waited;
  }

  /** Whether a key ended the sound. */
  private async play(uri: string): Promise<boolean> {
    const [command, ...words] = commandOf(uri);
    const { result } = await this.heard(command, [...words, ANY_KEY], SOUND_MS);
    // Asterisk reports a missing prompt like one that was broken off.
    if (result === '-1') {
      if (await this.isGone()) throw new CallerGone();
      this.onMissing(uri);
    }
    const key = Number(result) > 0 ? String.fromCharCode(Number(result)) : '';
    if (key === '' || !ANY_KEY.includes(key)) return false;
    this.typed.tell(key);
    return true;
  }

  /** Reads keys until there are enough, or none was pressed for so many seconds. */
  private async readUntil(isEnough: () => boolean, mostSeconds: number, waited = 0): Promise<void> {
    let seconds = waited;
    while (seconds < mostSeconds && !isEnough()) {
      const before = this.typed.count;
      await this.read(SECOND_MS);
      await this.look();
      seconds = this.typed.count === before ? seconds + 1 : 0;
    }
  }

  /** Reads keys up to `#`, or until none has come for so long; returns 1 then. Plays a sound meanwhile, and goes on reading after it. */
  private async read(pauseMs: number, uri = SOUND): Promise<0 | 1> {
    const words = [uri.slice(SOUND.length), String(pauseMs), String(MOST_KEYS)];
    const { result, value } = await this.heard('GET DATA', words, READING_MS);
    if (result === '-1') {
      if (uri === SOUND || (await this.isGone())) throw new CallerGone();
      this.onMissing(uri);
      return 0;
    }
    const isEnded = value !== 'timeout' && result.length < MOST_KEYS;
    this.typed.tell(result + (isEnded ? END_KEY : ''));
    return value === 'timeout' ? 1 : 0;
  }

  /** Takes over the keys that the switch has kept. */
  private async look(): Promise<void> {
    this.typed.keep(await this.session.evaluate(TAKE_KEPT));
  }

  private async heard(command: string, words: readonly string[], patience: number): Promise<AgiReply> {
    const reply = await this.session.ask(command, words, patience);
    if (this.session.isHungUp || reply.code === 511) throw new CallerGone();
    return reply;
  }
}

/** The command that makes Asterisk play a medium of src/calls/announcements.ts. */
function commandOf(uri: string): [command: string, word: string] {
  const at = uri.indexOf(':');
  const [kind, what] = [uri.slice(0, at), uri.slice(at + 1)];
  if (kind === 'number') return ['SAY NUMBER', what];
  if (kind === 'digits') return ['SAY DIGITS', what];
  return ['STREAM FILE', what];
}
