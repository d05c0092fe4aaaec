/** What a caller of the card dialogue hears, as media of src/calls/announcements.ts. No clock, no socket. */
import type { Refusal } from '../../credit/refusal';

/** The prompts; RINGFENCE_AGI_PROMPTS may replace the sound of each. */
const SOUNDS = {
  pin: 'agent-pass',
  pin_again: 'auth-incorrect',
  pin_refused: 'vm-incorrect',
  locked_out: 'please-try-call-later',
  unavailable: 'please-try-call-later',
  number: 'vm-enter-num-to-call',
  not_understood: 'vm-sorry',
  voucher: 'number&astcc-followed-by-the-pound-key',
  voucher_added: 'added',
  voucher_refused: 'privacy-incorrect',
  account_refused: 'feature-not-avail-line',
  number_invalid: 'check-number-dial-again',
  number_refused: 'cannot-complete-as-dialed',
  too_many_calls: 'simul-call-limit-reached',
  no_money: 'cannot-complete-as-dialed',
  busy: 'number&vm-isonphone',
  no_answer: 'number-not-answering',
  no_circuit: 'all-circuits-busy-now',
  goodbye: 'vm-goodbye',
} as const;

export type PromptWord = keyof typeof SOUNDS;

export const PROMPT_WORDS = Object.keys(SOUNDS) as PromptWord[];

/** A list of sounds for each word. */
export type Prompts = Readonly<Record<PromptWord, readonly string[]>>;

const SOUND_LIST = /^[A-Za-z0-9/_-]{1,100}(&[A-Za-z0-9/_-]{1,100}){0,9}$/;

/**
 * The prompts, with some replaced: `pin=my/pin`, `voucher=my/voucher&beep`.
 * @throws Error that names the unknown word, or the wrong sounds.
 */
export function promptsOf(changes: readonly string[]): Prompts {
  const sounds: Record<string, string> = { ...SOUNDS };
  for (const change of changes) {
    const [word = '', list = ''] = change.split('=');
    if (!Object.hasOwn(SOUNDS, word)) {
      throw new Error(`${JSON.stringify(word)} is no prompt: the prompts are ${PROMPT_WORDS.join(', ')}`);
    }
    if (!SOUND_LIST.test(list)) throw new Error(`${JSON.stringify(list)} is no sound: write ${word}=my/sound&beep`);
    sounds[word] = list;
  }
  return Object.fromEntries(Object.entries(sounds).map(([word, list]) => [word, mediaOf(list)])) as unknown as Prompts;
}

const mediaOf = (list: string): string[] => list.split('&').map(sound => `sound:${sound}`);

/** The prompt for a refused number. */
export const PROMPT_OF_REFUSAL = {
  account_not_found: 'account_refused',
  account_blocked: 'account_refused',
  account_expired: 'account_refused',
  number_invalid: 'number_invalid',
  number_barred: 'number_refused',
  no_rate: 'number_refused',
  destination_blocked: 'number_refused',
  price_limit: 'number_refused',
  call_cost_limit: 'number_refused',
  no_route: 'number_refused',
  too_many_calls: 'too_many_calls',
  too_many_calls_per_second: 'unavailable',
  time_used_up: 'no_money',
  spend_limit_month: 'no_money',
  spend_limit_day: 'no_money',
  spend_limit_hour: 'no_money',
  insufficient_balance: 'no_money',
  uniqueid_reused: 'unavailable',
  invite_repeated: 'unavailable',
  arguments_invalid: 'unavailable',
  overloaded: 'unavailable',
  ledger_unavailable: 'unavailable',
  service_stalled: 'unavailable',
  lease_lost: 'unavailable',
  shutting_down: 'unavailable',
} as const satisfies Record<Refusal, PromptWord>;
