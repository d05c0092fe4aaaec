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
import { type Peers, parsePeers } from '../../listeners/peers';

/** The settings of the door for Call Control and clients of CDRTool's rating engine. */
export interface RatingSettings extends ListenSettings {
  managers: Peers;
  /** Call Control's own socket, for ending calls; null if it cannot be reached. */
  controlSocket: string | null;
  /** Distinguishes one door from another in astcdr.node. */
  name: string;
  /** The account of a caller: `{user}` and `{domain}` stand for those in the From. */
  account: string;
  capSeconds: number;
}

export const RATING_SETTINGS: SettingsTable<RatingSettings> = {
  ...listenSettings('RINGFENCE_RATING', 'Call Control asks its rating engine, whose port is 9024'),
  managers: {
    variable: 'RINGFENCE_RATING_MANAGERS',
    meaning:
      'those of them that may also change balances (AddBalance), within the limit that "cashier limit" sets for the door, in the same form',
    fallback: '',
    shows: asWritten,
    parse: text => parsePeers(listOf(text)),
  },
  controlSocket: {
    variable: 'RINGFENCE_RATING_CONTROL_SOCKET',
    meaning:
      "Call Control's own socket on this machine, /run/callcontrol/socket, by which account block and hangup make it end calls; without it calls go on to their limit",
    fallback: '',
    shows: asWritten,
    parse: text => {
      if (text === '') return null;
      // sun_path holds 107 characters.
      return matching(text, /^\/[^\0]{1,106}$/, 'a file: write /run/callcontrol/socket');
    },
  },
  name: nameSetting('RINGFENCE_RATING', 'rating:', 'Call Control'),
  account: {
    variable: 'RINGFENCE_RATING_ACCOUNT',
    meaning:
      'the account of a caller, with the user and domain of the From for {user} and {domain}, such as {user} or voip-{user}@{domain}',
    fallback: '{user}@{domain}',
    shows: asWritten,
    parse: text => {
      if (!/\{user\}|\{domain\}/.test(text)) {
        throw new Error(`${JSON.stringify(text)} lacks {user} and {domain}: write {user}@{domain}`);
      }
      return text;
    },
  },
  capSeconds: {
    variable: 'RINGFENCE_RATING_CAP_SECONDS',
    meaning:
      'how long a call may talk after each answer to Call Control, and so the most that one call keeps from others of its account; 60 to 86400',
    fallback: '1800',
    shows: asWritten,
    parse: text => whole(text, 60, 86_400),
  },
};
