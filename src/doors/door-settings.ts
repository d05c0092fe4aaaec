import type { SettingsTable } from '../setting';
import { REST_SETTINGS, type RestSettings } from './rest/rest-settings';
import { SEMS_SETTINGS, type SemsSettings } from './sems/sems-settings';

/** What the settings say of each door. */
export interface DoorSettings {
  sems: SemsSettings;
  rest: RestSettings;
}

/** The settings of every door; docs/doors.md shows each table. */
export const DOOR_SETTINGS: { [Door in keyof DoorSettings]: SettingsTable<DoorSettings[Door]> } = {
  sems: SEMS_SETTINGS,
  rest: REST_SETTINGS,
};
