import { asWritten, matching, nameSetting, type SettingsTable, whole } from '../../config/setting';
import { type ProxyUrl, parseProxyUrl, shownProxyUrl } from './proxy-url';

/** The SIP proxy, Kamailio or OpenSIPS, whose calls come by call_control or cnxcc's commands. */
export interface ProxySettings {
  /** Where to ask it for its dialogs, and to end them; null for none. */
  rpc: ProxyUrl | null;
  name: string;
  /** The account of a caller: `{user}` and `{domain}` stand for the parts of the caller's URI. */
  account: string;
  /** The table of the proxy, by which the proxy itself limits calls and remembers what became of them; null for none. */
  limitTable: string | null;
  /** How long a worker of the proxy can wait for an answer; ms. */
  answerWithinMs: number;
}

/** The time that remains for sending the grant to the proxy before the answer. Ms. */
const TELLING_MS = 50;

/** How much of that the ledger may take to decide; ms. */
export const startWithinMs = ({ answerWithinMs }: Pick<ProxySettings, 'answerWithinMs'>): number =>
  answerWithinMs - TELLING_MS;

export const PROXY_SETTINGS: SettingsTable<ProxySettings> = {
  rpc: {
    variable: 'RINGFENCE_PROXY_RPC',
    meaning:
      'where Ringfence asks Kamailio or OpenSIPS for its dialogs, and ends them: kamailio+http://127.0.0.1:5062/RPC, kamailio+udp://127.0.0.1:5063 or opensips+udp://127.0.0.1:5063; needed by the doors for call_control and cnxcc',
    fallback: '',
    shows: (_, url) => (url === null ? '' : shownProxyUrl(url)),
    parse: text => (text === '' ? null : parseProxyUrl(text)),
  },
  name: nameSetting('RINGFENCE_PROXY', 'proxy:', 'proxy'),
  account: {
    variable: 'RINGFENCE_PROXY_ACCOUNT',
    meaning: "the account of a caller, with the parts of the caller's URI for {user} and {domain}, such as sip-{user}",
    fallback: '{user}@{domain}',
    shows: asWritten,
    parse: text => {
      if (!text.includes('{user}')) throw new Error(`${JSON.stringify(text)} lacks {user}: write {user}@{domain}`);
      return text;
    },
  },
  limitTable: {
    variable: 'RINGFENCE_PROXY_LIMIT_TABLE',
    meaning:
      'a table by which the proxy itself ends calls and remembers what became of them when Ringfence is dead: for Kamailio a hash table, with two others of that name with _granted and _calls; for OpenSIPS a collection of cachedb_local (docs/doors/call-control.md)',
    fallback: '',
    shows: asWritten,
    parse: text => (text === '' ? null : matching(text, /^[A-Za-z0-9_]{1,40}$/, 'letters, digits and _')),
  },
  answerWithinMs: {
    variable: 'RINGFENCE_PROXY_ANSWER_WITHIN_MS',
    meaning:
      'the longest wait of the proxy for an answer; 100 to 5000 ms; above 450 make the proxy wait longer too (docs/doors/call-control.md)',
    fallback: '450',
    shows: asWritten,
    parse: text => whole(text, 100, 5_000),
  },
};
