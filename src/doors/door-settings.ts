import type { SettingsTable } from '../setting';
import { AGI_SETTINGS, type AgiSettings } from './agi/agi-settings';
import { CONTROL_SETTINGS, type ControlSettings } from './call-control/control-settings';
import { PROXY_SETTINGS, type ProxySettings } from './proxy/proxy-settings';
import { RATING_SETTINGS, type RatingSettings } from './rating-engine/rating-settings';
import { REST_SETTINGS, type RestSettings } from './rest/rest-settings';
import { SEMS_SETTINGS, type SemsSettings } from './sems/sems-settings';

/** What the settings say of each door, and of the SIP proxy for which some of them speak. */
export interface DoorSettings {
  sems: SemsSettings;
  callControl: ControlSettings;
  proxy: ProxySettings;
  rest: RestSettings;
  ratingEngine: RatingSettings;
  agi: AgiSettings;
}

/** The settings of every door; docs/doors/ shows each table. */
export const DOOR_SETTINGS: { [Door in keyof DoorSettings]: SettingsTable<DoorSettings[Door]> } = {
  sems: SEMS_SETTINGS,
  callControl: CONTROL_SETTINGS,
  proxy: PROXY_SETTINGS,
  rest: REST_SETTINGS,
  ratingEngine: RATING_SETTINGS,
  agi: AGI_SETTINGS,
};

/** The variables that would open a door for a proxy that nobody says how to reach. */
export function proxyProblems({ callControl, proxy }: DoorSettings): string[] {
  if (proxy.rpc) return [];
  const { variable } = PROXY_SETTINGS.rpc;
  return callControl.listen ? [`${CONTROL_SETTINGS.listen.variable} needs ${variable} too, to end calls there`] : [];
}
