import type { SettingsTable } from '../setting';
import { AGI_SETTINGS, type AgiSettings } from './agi/agi-settings';
import { SEMS_SETTINGS, type SemsSettings } from './sems/sems-settings';

/** What the settings say of each door. */
export interface DoorSettings {
  sems: SemsSettings;
  agi: AgiSettings;
}

/** The settings of every door; docs/doors.md shows each table. */
export const DOOR_SETTINGS: { [Door in keyof DoorSettings]: SettingsTable<DoorSettings[Door]> } = {
  sems: SEMS_SETTINGS,
  agi: AGI_SETTINGS,
};
