/** What a setting is, and how the common kinds of text are read. */
import { type ListenAt, parseListenAt } from '../listeners/listen-at';
import { type Peers, parsePeers } from '../listeners/peers';

/** One setting: its meaning for readers of the documents, its default as text (null: it must be set), and its parser. */
export interface Setting<Value> {
  variable: string;
  meaning: string;
  fallback: string | null;
  /** @throws Error that says what is wrong with the text, after "NAME is wrong: ". It shows no secret. */
  parse(text: string): Value;
}

/** A setting for each field of a record. */
export type SettingsTable<Values> = { [Name in keyof Values]: Setting<Values[Name]> };

export const listOf = (text: string): string[] =>
  text
    .split(',')
    .map(word => word.trim())
    .filter(word => word !== '');

export function whole(text: string, least: number, most: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new Error(`${JSON.stringify(text)} is not a whole number from ${least} to ${most}`);
  }
  return value;
}

export function matching(text: string, pattern: RegExp, wanted: string): string {
  if (!pattern.test(text)) throw new Error(`${JSON.stringify(text)} is not ${wanted}`);
  return text;
}

/** The settings of every door that listens on a TCP port. */
export interface ListenSettings {
  listen: ListenAt | null;
  peers: Peers;
}

/** `prefix`: the beginning of the variables, `RINGFENCE_SEMS`. `who`: what happens there, "SEMS asks for credit". */
export const listenSettings = (prefix: string, who: string): SettingsTable<ListenSettings> => ({
  listen: {
    variable: `${prefix}_LISTEN`,
    meaning: `where ${who}: a port, which is on loopback, or an address with a port, 10.0.0.5:8000; closed if not set`,
    fallback: '',
    parse: text => (text === '' ? null : parseListenAt(text)),
  },
  peers: {
    variable: `${prefix}_PEERS`,
    meaning: 'the addresses and networks that may connect there, such as 10.0.0.7,10.1.0.0/16, separated by commas',
    fallback: '127.0.0.0/8,::1',
    parse: text => parsePeers(listOf(text)),
  },
});

/** `node`: the part of astcdr.node before the name, `sems:`. */
export const nameSetting = (prefix: string, node: string, whose: string): Setting<string> => ({
  variable: `${prefix}_NAME`,
  meaning: `the name in astcdr.node of its calls, after ${node}; the same in every service that answers the same ${whose}`,
  fallback: 'main',
  parse: text => matching(text, /^[A-Za-z0-9_-]{1,40}$/, 'letters, digits, _ and -'),
});
