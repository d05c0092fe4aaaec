import {
  asWritten,
  type ListenSettings,
  listenSettings,
  listOf,
  nameSetting,
  type SettingsTable,
  whole,
} from '../../config/setting';
import { type Keys, parseKeys } from './rest-keys';

/** The settings of the REST door. */
export interface RestSettings extends ListenSettings {
  keys: Keys;
  /** Distinguishes one group of switches from another in astcdr.node. */
  name: string;
  /** The account of a request: `{account}` stands for the switch's word, `{key}` for the name of its key. */
  account: string;
  capSeconds: number;
}

export const REST_SETTINGS: SettingsTable<RestSettings> = {
  ...listenSettings('RINGFENCE_REST', 'switches ask over REST'),
  keys: {
    variable: 'RINGFENCE_REST_KEYS',
    meaning:
      'the keys that are let in: names, each with the SHA-256 of its key in hex, such as fs1=9f86d0…, separated by commas; without any, every peer is let in, but only on loopback',
    fallback: '',
    parse: text => parseKeys(listOf(text)),
  },
  name: nameSetting('RINGFENCE_REST', 'rest:', 'switches'),
  account: {
    variable: 'RINGFENCE_REST_ACCOUNT',
    meaning:
      "the account of a request, with the switch's word for {account} and the name of its key for {key}, such as {key}.{account}",
    fallback: '{account}',
    shows: asWritten,
    parse: text => {
      if (!text.includes('{account}'))
        throw new Error(`${JSON.stringify(text)} lacks {account}: write {key}.{account}`);
      return text;
    },
  },
  capSeconds: {
    variable: 'RINGFENCE_REST_CAP_SECONDS',
    meaning: 'longest call over REST, and its largest grant at once; 60 to 86400',
    fallback: '3600',
    shows: asWritten,
    parse: text => whole(text, 60, 86_400),
  },
};
