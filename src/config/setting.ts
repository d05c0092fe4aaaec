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
  /** How an administrator may see it over the API, without any secret in it. A setting without this is a secret itself. */
  shows?(text: string, value: Value): string;
}

/** A setting in use, as an administrator may see it. */
export interface ShownSetting {
  variable: string;
  meaning: string;
  /** null for none, and of a secret. */
  fallback: string | null;
  /** null for none. Of a secret `set`, or `not set`. */
  value: string | null;
  isSecret: boolean;
  /** Whether the environment has it; otherwise it has its default. */
  isGiven: boolean;
}

/** For what holds no secret, whatever is written. */
export const asWritten = (text: string): string => text;

/** `value`: what `parse` made of the text that is in use. */
export function shownSetting<Value>(
  { variable, meaning, fallback, shows }: Setting<Value>,
  { text, value, isGiven }: { text: string; value: Value; isGiven: boolean },
): ShownSetting {
  const known = { variable, meaning, isGiven };
  if (!shows) return { ...known, fallback: null, value: text === '' ? 'not set' : 'set', isSecret: true };
  return { ...known, fallback: fallback || null, value: shows(text, value) || null, isSecret: false };
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
    shows: asWritten,
    parse: text => (text === '' ? null : parseListenAt(text)),
  },
  peers: {
    variable: `${prefix}_PEERS`,
    meaning: 'the addresses and networks that may connect there, such as 10.0.0.7,10.1.0.0/16, separated by commas',
    fallback: '127.0.0.0/8,::1',
    shows: asWritten,
    parse: text => parsePeers(listOf(text)),
  },
});

/** `node`: the part of astcdr.node before the name, `sems:`. */
export const nameSetting = (prefix: string, node: string, whose: string): Setting<string> => ({
  variable: `${prefix}_NAME`,
  meaning: `the name in astcdr.node of its calls, after ${node}; the same in every service that answers the same ${whose}`,
  fallback: 'main',
  shows: asWritten,
  parse: text => matching(text, /^[A-Za-z0-9_-]{1,40}$/, 'letters, digits, _ and -'),
});
