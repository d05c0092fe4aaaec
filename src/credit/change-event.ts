/** What can change, as subscribers receive it: docs/events.md says when each is written and with which facts. */
export const CHANGE_KINDS = [
  // Of a call, in the order of its life.
  'authorised',
  'refused',
  'answered',
  'extended',
  'shrunk',
  'warned',
  'hangup_wanted',
  'limit_not_kept',
  'cut',
  'settled',
  'overrun',
  'settlement_refused',
  // Of an account.
  'cap_hit',
  'low_balance',
  'low_balance_over',
  'spend_limit_reached',
  'money_moved',
  'blocked',
  'unblocked',
  'calls_ended',
  'time_added',
  'pool_opened',
  'pool_raised',
  'pool_closed',
] as const;

export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** The event of a call whose end the database refuses, with the code of that error. It stands for no change. */
export const settlementRefused = (call: { uniqueid: string; accountcode: string }, code: string): ChangeEvent => ({
  kind: 'settlement_refused',
  accountcode: call.accountcode,
  uniqueid: call.uniqueid,
  facts: { code },
});

/** One change, written into astoutbox by the transaction that makes it. */
export interface ChangeEvent {
  kind: ChangeKind;
  accountcode: string;
  /** null if it is about the whole account. */
  uniqueid: string | null;
  /** Amounts as decimal texts, instants as ISO 8601 in UTC. Harmless: digits are all that a stranger can choose in it. */
  facts: Record<string, string | number | boolean | null>;
  /** The actor of the change; left out for what a call itself caused. */
  actor?: string;
}
