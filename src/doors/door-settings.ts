import type { SettingsTable } from '../setting';
import { RATING_SETTINGS, type RatingSettings } from './rating-engine/rating-settings';
import { SEMS_SETTINGS, type SemsSettings } from './sems/sems-settings';

/** What the settings say of each door. */
export interface DoorSettings {
  sems: SemsSettings;
  ratingEngine: RatingSettings;
}

/** The settings of every door; docs/doors.md shows each table. */
export const DOOR_SETTINGS: { [Door in keyof DoorSettings]: SettingsTable<DoorSettings[Door]> } = {
  sems: SEMS_SETTINGS,
  ratingEngine: RATING_SETTINGS,
};
