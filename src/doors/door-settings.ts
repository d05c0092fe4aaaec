import type { SettingsTable } from '../config/setting';
import { PROXY_SETTINGS, type ProxySettings } from '../switches/proxy/proxy-settings';
import { AGI_SETTINGS, type AgiSettings } from './agi/agi-settings';
import { CONTROL_SETTINGS, type ControlSettings } from './call-control/control-settings';
import { CNXCC_SETTINGS, type CnxccSettings } from './cnxcc/cnxcc-settings';
import { RATING_SETTINGS, type RatingSettings } from './rating-engine/rating-settings';
import { REST_SETTINGS, type RestSettings } from './rest/rest-settings';
import { SEMS_SETTINGS, type SemsSettings } from './sems/sems-settings';

/** What the settings say of each door, and of the SIP proxy for which some of them speak. */
export interface DoorSettings {
  sems: SemsSettings;
  callControl: ControlSettings;
  cnxcc: CnxccSettings;
  proxy: ProxySettings;
  rest: RestSettings;
  ratingEngine: RatingSettings;
  agi: AgiSettings;
}

/** The settings of every door; docs/doors/ shows each table. */
export const DOOR_SETTINGS: { [Door in keyof DoorSettings]: SettingsTable<DoorSettings[Door]> } = {
  sems: SEMS_SETTINGS,
  callControl: CONTROL_SETTINGS,
  cnxcc: CNXCC_SETTINGS,
  proxy: PROXY_SETTINGS,
  rest: REST_SETTINGS,
  ratingEngine: RATING_SETTINGS,
  agi: AGI_SETTINGS,
};

/** The variables that would open a door for a proxy that nobody says how to reach. */
export function proxyProblems({ callControl, cnxcc, proxy }: DoorSettings): string[] {
  if (proxy.rpc) return [];
  const opened = [...(callControl.listen ? [CONTROL_SETTINGS] : []), ...(cnxcc.listen ? [CNXCC_SETTINGS] : [])];
  return opened.map(({ listen }) => `${listen.variable} needs ${PROXY_SETTINGS.rpc.variable} too, to end calls there`);
}
