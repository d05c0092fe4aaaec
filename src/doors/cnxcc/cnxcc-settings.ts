import { asWritten, type ListenSettings, listenSettings, type SettingsTable } from '../../config/setting';

/** The settings of the door for cnxcc's commands. */
export interface CnxccSettings extends ListenSettings {
  /** The customer of a pool: `{customer}` stands for the script's name. */
  customer: string;
}

export const CNXCC_SETTINGS: SettingsTable<CnxccSettings> = {
  ...listenSettings('RINGFENCE_CNXCC', "Kamailio asks for cnxcc's commands"),
  customer: {
    variable: 'RINGFENCE_CNXCC_CUSTOMER',
    meaning: "the pool of a customer, with the script's name for {customer}, such as kam1-{customer}",
    fallback: '{customer}',
    shows: asWritten,
    parse: text => {
      if (!/^[A-Za-z0-9._@+-]{0,40}\{customer\}[A-Za-z0-9._@+-]{0,40}$/.test(text)) {
        const todo = 'write {customer} once, with letters, digits, . _ @ + - beside it, such as kam1-{customer}';
        throw new Error(`${JSON.stringify(text)} makes no customer of a pool: ${todo}`);
      }
      return text;
    },
  },
};
