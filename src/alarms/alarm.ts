/** What a service finds wrong around it and cannot correct, so that an operator must. */
export type AlarmName =
  /** A switch refuses the user or the password of RINGFENCE_ARI_URL: none of its calls can be served. */
  | 'switch_login_refused'
  /** Any stranger can call as an endpoint of the switch, without a password. */
  | 'endpoint_open'
  /** The database refuses the content of a call's end: its charge is not booked, and its money stays held. */
  | 'settlement_refused'
  /** An Asterisk no longer writes its records into the database. */
  | 'records_not_written'
  /** No key of RINGFENCE_PIN_KEY opens the second factor of a person. */
  | 'second_factor_unreadable'
  /** Lines of log are lost. */
  | 'log_not_written';

export interface Alarm {
  alarm: AlarmName;
  /** Its subject: the name or the address of a switch, the uniqueid of a call. 150 characters at most. */
  subject: string;
  /** What it means and what to do, without a secret. 500 characters at most. */
  details: string;
}

/** Where alarms are reported. Nothing in here rejects or waits. */
export interface Alarms {
  /** Reported once. The same again, and other details of it, change only what is shown. */
  raise(alarm: Alarm): void;
  /** It is over. Nothing happens if it was not raised. */
  clear(alarm: AlarmName, subject: string): void;
}

/** For code that reports to no board. */
export const NO_ALARMS: Alarms = { raise: () => {}, clear: () => {} };
