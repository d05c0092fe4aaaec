/** What a service finds wrong around it and cannot correct: an operator has to. */
export type AlarmName =
  /** A switch refuses the user or the password of RINGFENCE_ARI_URL: none of its calls can be served. */
  | 'switch_login_refused'
  /** Anybody can call as an endpoint of the switch, without a password. */
  | 'endpoint_open'
  /** The database refuses what a call comes to: its charge is not booked, and its money stays held. */
  | 'settlement_refused'
  /** An Asterisk does not write its records into the database any more. */
  | 'records_not_written'
  /** Lines of log are lost. */
  | 'log_not_written';

export interface Alarm {
  alarm: AlarmName;
  /** With what: the name or the address of a switch, the uniqueid of a call. 150 characters at most. */
  subject: string;
  /** What that means and what to do, without a secret. 500 characters at most. */
  details: string;
}

/** Where alarms are reported. Nothing in here rejects or waits. */
export interface Alarms {
  /** Reported once; the same again, and other details of it, change only what is shown. */
  raise(alarm: Alarm): void;
  /** It is over. Nothing happens where it was not raised. */
  clear(alarm: AlarmName, subject: string): void;
}

/** For code that reports to no board. */
export const NO_ALARMS: Alarms = { raise: () => {}, clear: () => {} };
