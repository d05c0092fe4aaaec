import {
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
    meaning: 'which of them may read and change credit too, written alike',
    fallback: '',
    parse: text => parsePeers(listOf(text)),
  },
  name: nameSetting('RINGFENCE_SEMS', 'sems:', 'SEMS'),
  account: {
    variable: 'RINGFENCE_SEMS_ACCOUNT',
    meaning: 'the account of a caller, {uuid} standing for what SEMS calls him, such as sems-{uuid}',
    fallback: '{uuid}',
    parse: text => {
      if (!text.includes('{uuid}')) throw new Error(`${JSON.stringify(text)} lacks {uuid}: write sems-{uuid}`);
      return text;
    },
  },
  capSeconds: {
    variable: 'RINGFENCE_SEMS_CAP_SECONDS',
    meaning:
      'longest call by SEMS, and how long an unanswered one keeps its money, but for 6 minutes more; 60 to 86400',
    fallback: '1800',
    parse: text => whole(text, 60, 86_400),
  },
  secondsNumber: {
    variable: 'RINGFENCE_SEMS_SECONDS_NUMBER',
    meaning:
      'the number whose rate is the price of a second where SEMS says nothing but the uuid; without it such calls are refused',
    fallback: '',
    parse: text => {
      if (text !== '' && digitsOf(text) === null)
        throw new Error(`${JSON.stringify(text)} is not a number: write digits`);
      return text === '' ? null : text;
    },
  },
};
