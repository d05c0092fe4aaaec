import { type ListenSettings, listenSettings, matching, nameSetting, type SettingsTable, whole } from '../../setting';

/** How dialplans come in by AGI, as the settings say. */
export interface AgiSettings extends ListenSettings {
  /** Tells one group of switches from another in astcdr.node. */
  name: string;
  /** Who pays: `{accountcode}` stands for what the dialplan says. */
  account: string;
  capSeconds: number;
  /** Whether Dial() may be told to warn the caller. */
  warnings: boolean;
}

export const AGI_SETTINGS: SettingsTable<AgiSettings> = {
  ...listenSettings('RINGFENCE_AGI', 'Asterisk asks by AGI, whose own port is 4573'),
  name: nameSetting('RINGFENCE_AGI', 'agi:', 'Asterisk'),
  account: {
    variable: 'RINGFENCE_AGI_ACCOUNT',
    meaning: 'the account of a call, {accountcode} standing for what the dialplan says, such as pbx-{accountcode}',
    fallback: '{accountcode}',
    parse: text => {
      if (!text.includes('{accountcode}')) {
        throw new Error(`${JSON.stringify(text)} lacks {accountcode}: write pbx-{accountcode}`);
      }
      return text;
    },
  },
  capSeconds: {
    variable: 'RINGFENCE_AGI_CAP_SECONDS',
    meaning: 'longest call by AGI, for which its money is held from the start; 60 to 86400',
    fallback: '3600',
    parse: text => whole(text, 60, 86_400),
  },
  warnings: {
    variable: 'RINGFENCE_AGI_WARNINGS',
    meaning:
      'yes: Dial() warns the caller as the account says, for which the switch needs bridge_builtin_interval_features: without it such a limit is none at all',
    fallback: 'no',
    parse: text => matching(text, /^(yes|no)$/, 'yes or no') === 'yes',
  },
};
