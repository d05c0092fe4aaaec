import { asWritten, type SettingsTable } from '../../config/setting';
import type { ListenOnFile } from '../../listeners/socket-listener';

/** The settings of the door for the call_control module of Kamailio or OpenSIPS. */
export interface ControlSettings {
  listen: ListenOnFile | null;
}

export const CONTROL_SETTINGS: SettingsTable<ControlSettings> = {
  listen: {
    variable: 'RINGFENCE_CALL_CONTROL_SOCKET',
    meaning:
      'the socket at which call_control of Kamailio or OpenSIPS asks for its calls, with the mode of its file: /run/ringfence/callcontrol or /run/ringfence/callcontrol,0666 (0660 if not given); closed if not set',
    fallback: '',
    shows: asWritten,
    parse: text => {
      if (text === '') return null;
      const [path = '', mode = '0660', ...more] = text.split(',').map(word => word.trim());
      // sun_path holds 107 characters.
      if (!/^\/[^\0]{1,106}$/.test(path) || !/^0?[0-7]{3}$/.test(mode) || more.length > 0) {
        throw new Error(`${JSON.stringify(text)} is no file: write /run/ringfence/callcontrol or the same with ,0666`);
      }
      return { path, mode: Number.parseInt(mode, 8) };
    },
  },
};
