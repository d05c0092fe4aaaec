/**
 * What a caller with a card hears next, and what is done. No clock, no socket: an event goes in, the next state with its one act comes
 * out.
 */
import { balanceMedia, timeMedia } from '../../calls/announcements';
import type { Refusal } from '../../credit/refusal';
import type { Micros } from '../../money/micros';
import { PROMPT_OF_REFUSAL, type Prompts, type PromptWord } from './card-prompts';

/** What a caller may hear about the account. */
export interface SpokenBalance {
  /** What the caller could spend now: another call on the account may hold a part of its balance. */
  available: Micros;
  currency: string;
}

export type Entry = 'pin' | 'number' | 'voucher';

/** The next act, and what the caller hears before it. */
export type Act =
  | { do: 'answer' }
  /** Is the caller's number known? */
  | { do: 'identify' }
  /** Keys up to `#` or silence. `afresh`: drop what the caller typed ahead, because it was meant for something else. */
  | { do: 'ask'; entry: Entry; afresh: boolean; media: string[] }
  | { do: 'checkPin'; pin: string }
  | { do: 'redeem'; code: string }
  | { do: 'authorise'; number: string }
  /** The call that was authorised; the caller hears `media` first. */
  | { do: 'dial'; media: string[] }
  | { do: 'hangUp'; media: string[] };

export type DialogueEvent =
  | { type: 'answered' }
  | { type: 'identified'; balance: SpokenBalance | null }
  /** '' for nothing, or for `#` alone: `isSilent` tells the two apart. */
  | { type: 'entered'; digits: string; isSilent: boolean }
  /** Keys were pressed, but it is not certain which. */
  | { type: 'unclear' }
  | { type: 'pinRight'; balance: SpokenBalance }
  | { type: 'pinWrong' }
  /** `balance` is null if it could not be read again. */
  | { type: 'redeemed'; balance: SpokenBalance | null }
  | { type: 'voucherWrong' }
  /** Tries are closed for the time being: this caller, or all callers together, tried too often. */
  | { type: 'lockedOut' }
  /** The database could not be read. */
  | { type: 'unavailable' }
  | { type: 'authorised'; seconds: number }
  | { type: 'refused'; refusal: Refusal; balance: SpokenBalance | null }
  /** Both talked. `balance` is null while the cost is not known. */
  | { type: 'talked'; balance: SpokenBalance | null }
  /** Not answered: DIALSTATUS. */
  | { type: 'notTalked'; dialStatus: string };

export interface DialogueState {
  act: Act;
  balance: SpokenBalance | null;
  wrongPins: number;
  wrongVouchers: number;
  /** How often in a row nothing was entered, or nothing clear. */
  silences: number;
  /** How many numbers in a row led to no talk. */
  fruitless: number;
  /** How many questions were asked in all. */
  asked: number;
}

/** The dialogue ends after so many in a row, or in all. */
export const MOST = { wrongPins: 3, wrongVouchers: 3, silences: 3, fruitless: 5, asked: 200 };

/** In place of a number: a voucher, with its code behind it, or without, and then the caller is asked for the code. */
export const VOUCHER_KEY = '*';

export const begin = (): DialogueState => ({
  act: { do: 'answer' },
  balance: null,
  wrongPins: 0,
  wrongVouchers: 0,
  silences: 0,
  fruitless: 0,
  asked: 0,
});

/** Assumes that the event is the result of the state's act. */
export function next(state: DialogueState, event: DialogueEvent, prompts: Prompts): DialogueState {
  switch (event.type) {
    case 'answered':
      return { ...state, act: { do: 'identify' } };
    case 'identified':
      return event.balance
        ? askNumber(knowing(state, event.balance), mediaOf(event.balance))
        : ask(state, 'pin', prompts.pin);
    case 'entered':
      return entered(state, event.digits, event.isSilent);
    case 'unclear':
      return state.act.do === 'ask' ? silent(state, state.act.entry) : state;
    case 'pinRight':
      return askNumber(knowing(state, event.balance), mediaOf(event.balance));
    case 'pinWrong':
      return wrongPin(state);
    case 'redeemed':
      return event.balance
        ? askNumber(knowing(state, event.balance), [...prompts.voucher_added, ...mediaOf(event.balance)])
        : askNumber(state, prompts.voucher_added);
    case 'voucherWrong':
      return wrongVoucher(state);
    case 'lockedOut':
      return state.balance === null ? hangUp(state, 'locked_out') : askNumberAfresh(state, prompts.locked_out);
    case 'unavailable':
      return state.balance === null ? hangUp(state, 'unavailable') : fruitless(state, prompts.unavailable);
    case 'authorised':
      return { ...state, act: { do: 'dial', media: timeMedia(event.seconds) } };
    case 'refused':
      return refused(event.balance ? knowing(state, event.balance) : state, event.refusal);
    case 'talked':
      return askNumberAfresh(
        { ...state, balance: event.balance ?? state.balance, fruitless: 0 },
        event.balance ? mediaOf(event.balance) : [],
      );
    case 'notTalked':
      return fruitless(state, prompts[PROMPT_OF_STATUS[event.dialStatus] ?? 'no_circuit']);
  }

  function entered(known: DialogueState, digits: string, isSilent: boolean): DialogueState {
    const { act } = known;
    if (act.do !== 'ask') return known;
    if (digits === '' && isSilent) return silent(known, act.entry);
    const heard = { ...known, silences: 0 };
    if (act.entry === 'pin')
      return digits === '' ? wrongPin(heard) : { ...heard, act: { do: 'checkPin', pin: digits } };
    if (act.entry === 'voucher') {
      return digits === '' ? askNumber(heard, []) : { ...heard, act: { do: 'redeem', code: digits } };
    }
    // `#` alone: says the balance, and asks for the number again.
    if (digits === '') return askNumber(heard, heard.balance ? mediaOf(heard.balance) : []);
    if (!digits.startsWith(VOUCHER_KEY)) return { ...heard, act: { do: 'authorise', number: digits } };
    const code = digits.slice(VOUCHER_KEY.length);
    return code === '' ? ask(heard, 'voucher', prompts.voucher) : { ...heard, act: { do: 'redeem', code } };
  }

  function silent(known: DialogueState, entry: Entry): DialogueState {
    const silences = known.silences + 1;
    if (silences >= MOST.silences) return hangUp(known, 'goodbye');
    const again = { ...known, silences };
    // A caller without a code goes on with a number.
    if (entry === 'voucher') return askNumberAfresh(again, prompts.not_understood);
    return ask(again, entry, [...prompts.not_understood, ...prompts[entry]], true);
  }

  function wrongPin(known: DialogueState): DialogueState {
    const wrongPins = known.wrongPins + 1;
    if (wrongPins >= MOST.wrongPins) return hangUp(known, 'pin_refused');
    return ask({ ...known, wrongPins }, 'pin', prompts.pin_again, true);
  }

  function wrongVoucher(known: DialogueState): DialogueState {
    const wrongVouchers = known.wrongVouchers + 1;
    if (wrongVouchers >= MOST.wrongVouchers) return hangUp(known, 'voucher_refused');
    return askNumberAfresh({ ...known, wrongVouchers }, prompts.voucher_refused);
  }

  function refused(known: DialogueState, refusal: Refusal): DialogueState {
    const word = PROMPT_OF_REFUSAL[refusal];
    // No number would be let through.
    if (word === 'account_refused') return hangUp(known, word);
    const spoken = word === 'no_money' && known.balance ? mediaOf(known.balance) : [];
    return fruitless(known, [...spoken, ...prompts[word]]);
  }

  function fruitless(known: DialogueState, media: readonly string[]): DialogueState {
    const count = known.fruitless + 1;
    if (count >= MOST.fruitless) return { ...known, act: { do: 'hangUp', media: [...media, ...prompts.goodbye] } };
    return askNumberAfresh({ ...known, fruitless: count }, media);
  }

  function askNumber(known: DialogueState, media: readonly string[]): DialogueState {
    return ask(known, 'number', [...media, ...prompts.number]);
  }

  function askNumberAfresh(known: DialogueState, media: readonly string[]): DialogueState {
    return ask(known, 'number', [...media, ...prompts.number], true);
  }

  function ask(known: DialogueState, entry: Entry, media: readonly string[], afresh = false): DialogueState {
    const asked = known.asked + 1;
    if (asked > MOST.asked) return hangUp(known, 'goodbye');
    return { ...known, asked, act: { do: 'ask', entry, afresh, media: [...media] } };
  }

  function hangUp(known: DialogueState, word: PromptWord): DialogueState {
    const media = word === 'goodbye' ? prompts.goodbye : [...prompts[word], ...prompts.goodbye];
    return { ...known, act: { do: 'hangUp', media: [...media] } };
  }
}

const knowing = (state: DialogueState, balance: SpokenBalance): DialogueState => ({ ...state, balance });

const mediaOf = ({ available, currency }: SpokenBalance): string[] => balanceMedia(available, currency);

const PROMPT_OF_STATUS: Record<string, PromptWord> = {
  BUSY: 'busy',
  NOANSWER: 'no_answer',
  CONGESTION: 'no_circuit',
  CHANUNAVAIL: 'no_circuit',
};
