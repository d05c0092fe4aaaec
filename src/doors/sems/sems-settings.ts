import {
  asWritten,
  type ListenSettings,
  listenSettings,
  listOf,
  nameSetting,
  type SettingsTable,
  whole,
} from '../../config/setting';
import type { Peers } from '../../listeners/peers';
import { parsePeers } from '../../listeners/peers';
import { digitsOf } from '../../rating/dialled-number';

/** The settings of the SEMS door. */
export interface SemsSettings extends ListenSettings {
  managers: Peers;
  /** Distinguishes one SEMS from another in astcdr.node. */
  name: string;
  /** The account of a caller: `{uuid}` stands for SEMS's name for the caller. */
  account: string;
  capSeconds: number;
  secondsNumber: string | null;
}

export const SEMS_SETTINGS: SettingsTable<SemsSettings> = {
  ...listenSettings('RINGFENCE_SEMS', 'SEMS asks for credit'),
  managers: {
    variable: 'RINGFENCE_SEMS_MANAGERS',
    meaning:
      'those of them that may also read credit, and change it within the limit that "cashier limit" sets for the door, in the same form',
    fallback: '',
    shows: asWritten,
    parse: text => parsePeers(listOf(text)),
  },
  name: nameSetting('RINGFENCE_SEMS', 'sems:', 'SEMS'),
  account: {
    variable: 'RINGFENCE_SEMS_ACCOUNT',
    meaning: "the account of a caller, with SEMS's name for {uuid}, such as sems-{uuid}",
    fallback: '{uuid}',
    shows: asWritten,
    parse: text => {
      if (!text.includes('{uuid}')) throw new Error(`${JSON.stringify(text)} lacks {uuid}: write sems-{uuid}`);
      return text;
    },
  },
  capSeconds: {
    variable: 'RINGFENCE_SEMS_CAP_SECONDS',
    meaning: 'longest call by SEMS; an unanswered call keeps its money for this long and 6 minutes; 60 to 86400',
    fallback: '1800',
    shows: asWritten,
    parse: text => whole(text, 60, 86_400),
  },
  secondsNumber: {
    variable: 'RINGFENCE_SEMS_SECONDS_NUMBER',
    meaning:
      'the number whose rate is the price of a second if SEMS sends only the uuid; without it such calls are refused',
    fallback: '',
    shows: asWritten,
    parse: text => {
      if (text !== '' && digitsOf(text) === null)
        throw new Error(`${JSON.stringify(text)} is not a number: write digits`);
      return text === '' ? null : text;
    },
  },
};
