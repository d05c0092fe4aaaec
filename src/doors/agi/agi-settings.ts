import {
  asWritten,
  type ListenSettings,
  listenSettings,
  listOf,
  matching,
  nameSetting,
  type SettingsTable,
  whole,
} from '../../config/setting';
import { type Prompts, promptsOf } from './card-prompts';

/** The settings of the door for dialplans. */
export interface AgiSettings extends ListenSettings {
  /** Distinguishes one group of switches from another in astcdr.node. */
  name: string;
  /** The payer: `{accountcode}` stands for the account that the dialplan names. */
  account: string;
  capSeconds: number;
  /** Whether Dial() may warn the caller. */
  warnings: boolean;
  /** The prompts of the card dialogue. */
  prompts: Prompts;
  /** How many wrong PINs and codes lock a caller out. */
  pinTries: number;
  lockSeconds: number;
  /** The same for all callers together. */
  triesPerMinute: number;
}

export const AGI_SETTINGS: SettingsTable<AgiSettings> = {
  ...listenSettings('RINGFENCE_AGI', 'Asterisk asks by AGI, whose own port is 4573'),
  name: nameSetting('RINGFENCE_AGI', 'agi:', 'Asterisk'),
  account: {
    variable: 'RINGFENCE_AGI_ACCOUNT',
    meaning: "the account of a call, with the dialplan's word for {accountcode}, such as pbx-{accountcode}",
    fallback: '{accountcode}',
    shows: asWritten,
    parse: text => {
      if (!text.includes('{accountcode}')) {
        throw new Error(`${JSON.stringify(text)} lacks {accountcode}: write pbx-{accountcode}`);
      }
      return text;
    },
  },
  capSeconds: {
    variable: 'RINGFENCE_AGI_CAP_SECONDS',
    meaning:
      'longest call by AGI, for which its money is held from the start; 60 to 86400, and never more than RINGFENCE_MAX_CALL_SECONDS',
    fallback: '3600',
    shows: asWritten,
    parse: text => whole(text, 60, 86_400),
  },
  warnings: {
    variable: 'RINGFENCE_AGI_WARNINGS',
    meaning:
      'yes: Dial() warns the caller as the account says; the switch needs bridge_builtin_interval_features for it, and without that such a call ends when it is answered',
    fallback: 'no',
    shows: asWritten,
    parse: text => matching(text, /^(yes|no)$/, 'yes or no') === 'yes',
  },
  prompts: {
    variable: 'RINGFENCE_AGI_PROMPTS',
    meaning:
      'other sounds for the card dialogue, such as pin=my/pin,voucher=my/voucher&beep, separated by commas; the words are in docs/doors/agi.md',
    fallback: '',
    shows: asWritten,
    parse: text => promptsOf(listOf(text)),
  },
  pinTries: {
    variable: 'RINGFENCE_AGI_PIN_TRIES',
    meaning: 'wrong PINs and codes from one number, after which it is locked out; 1 to 100',
    fallback: '5',
    shows: asWritten,
    parse: text => whole(text, 1, 100),
  },
  lockSeconds: {
    variable: 'RINGFENCE_AGI_LOCK_SECONDS',
    meaning: 'how long it is locked out, and how long a wrong one counts; 60 to 86400',
    fallback: '900',
    shows: asWritten,
    parse: text => whole(text, 60, 86_400),
  },
  triesPerMinute: {
    variable: 'RINGFENCE_AGI_TRIES_PER_MINUTE',
    meaning: 'wrong PINs and codes of all callers together in a minute, because numbers can be forged; 1 to 10000',
    fallback: '60',
    shows: asWritten,
    parse: text => whole(text, 1, 10_000),
  },
};
