/** The requests of Call Control and of clients of CDRTool's rating engine: their lines taken apart. Pure. */

import { callIdPattern } from '../../calls/call-id';
import { withoutSeparators } from '../../rating/dialled-number';

/** One line: a command and its parameters. Command and parameter names are in lower case. */
export interface RatingRequest {
  command: string;
  parameters: ReadonlyMap<string, string>;
}

/** Why a line cannot be understood. `text` is for its sender, and contains nothing that the sender wrote. */
export interface NotUnderstood {
  wrong: 'request_invalid' | 'from_invalid' | 'application_unsupported';
  text: string;
}

/** Characters that no request contains: control characters, and what was not UTF-8. */
const UNPRINTABLE = /[\p{Cc}\uFFFD]/u;

/** Every parameter of CDRTool's rating engine and Call Control, and our own `reference`. */
const PARAMETERS = new Set(
  'callid from to gateway duration application state timestamp value reference account entity customer type enumtld lock force'.split(
    ' ',
  ),
);

/**
 * The request in a line: words separated by blanks, `name=value` after the first.
 *
 * A value is everything after the first `=`, unchanged. It may be empty, as in OpenSIPS's `Application=`. The caller chooses parts of the
 * values, and Call Control copies blanks of a From unchanged. So that no part of a value can pass for another parameter, an unknown or
 * repeated name is refused. So are characters that no SIP address contains, except in a Call-ID and between `<` and `>` of a From.
 */
export function parseRequest(line: string): RatingRequest | NotUnderstood {
  const text = line.replaceAll('\t', ' ').trim();
  if (UNPRINTABLE.test(text)) return invalid('it holds a control character or no UTF-8');
  const [command = '', ...words] = text.split(/ +/);
  const parameters = new Map<string, string>();
  for (const word of words) {
    const at = word.indexOf('=');
    const name = word.slice(0, Math.max(0, at)).toLowerCase();
    if (!PARAMETERS.has(name))
      return invalid('a parameter is not known: write Name=value, without blanks in the value');
    if (parameters.has(name)) return invalid('a parameter is there twice');
    const value = word.slice(at + 1);
    if (name !== 'callid' && /["<>]/.test(value)) return invalid('a value holds a quote, < or >');
    parameters.set(name, value);
  }
  return { command: command.toLowerCase(), parameters };
}

/** The last words that 4.x writes: Application for a start and a debit, State for the question at the answer. */
const END_OF_REQUEST = /^(?:MaxSessionTime|DebitBalance) .* (?:Application=[a-z.]*|State=Connected)$/;

/** Whether a request without an end of line is whole. Only Call Control 4.x writes such requests, and only these two. */
export const isWholeWithoutEnd = (text: string): boolean => END_OF_REQUEST.test(text);

const invalid = (text: string): NotUnderstood => ({ wrong: 'request_invalid', text });

/** The payer named by a From: `sip:alice@example.com`, with or without `sip:`, a port and parameters. */
export interface Caller {
  user: string;
  /** In lower case; empty if the From has none. */
  domain: string;
}

const HOST = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?(?:[;?].*)?$/;

/** null for a From without a user. */
export function callerIn(from: string): Caller | null {
  const address = from.replace(/^(?:sips?|tel):/i, '');
  const at = address.indexOf('@');
  const user = /^[^:;?]+/.exec(at < 0 ? address : address.slice(0, at))?.[0];
  const domain = at < 0 ? '' : HOST.exec(address.slice(at + 1))?.[1]?.toLowerCase();
  return user === undefined || domain === undefined ? null : { user, domain };
}

/** The number that a To dials: the user of a SIP URI without its password, the number of a tel URI, or the whole text. */
export function dialledIn(to: string): string {
  const [, scheme = '', rest = ''] = /^(?:(sips?|tel):)?(.*)$/is.exec(to) ?? [];
  // The text of a SIP URI without an @ is a host.
  if (/^sips?$/i.test(scheme) && !rest.includes('@')) return '';
  const user = /^[^@:?]*/.exec(rest)?.[0] ?? '';
  return scheme.toLowerCase() === 'tel' ? withoutSeparators(user) : user;
}

/** The caller and the dialled number. */
export interface NamedNumber {
  caller: Caller;
  /** As dialled. */
  dialled: string;
}

/** A call as MaxSessionTime and DebitBalance name it. */
export interface NamedCall extends NamedNumber {
  callId: string;
}

/** The caller and the dialled number in a request about a call. `Gateway` and the like are not used here. */
export function numberIn({ parameters }: RatingRequest): NamedNumber | NotUnderstood {
  const [from = '', to = ''] = [parameters.get('from'), parameters.get('to')];
  if (from === '') return invalid('missing From parameter');
  if (to === '') return invalid('missing To parameter');
  // `audio.x` is audio too. Messages have no rates here.
  const [application = ''] = (parameters.get('application') ?? '').toLowerCase().split('.');
  if (application !== '' && application !== 'audio') {
    return { wrong: 'application_unsupported', text: 'unsupported application: only audio is rated here' };
  }
  const caller = callerIn(from);
  if (!caller) return { wrong: 'from_invalid', text: 'From is no SIP address' };
  return { caller, dialled: dialledIn(to) };
}

const CALL_ID = callIdPattern(255);

export function callIn(request: RatingRequest): NamedCall | NotUnderstood {
  const callId = request.parameters.get('callid') ?? '';
  const named = numberIn(request);
  if ('wrong' in named) return named;
  return CALL_ID.test(callId) ? { ...named, callId } : invalid('missing Call Id parameter');
}

/** A year: longer than any call. */
const MOST_MS = 31_536_000_000;

const DECIMAL = /^(\d{1,20})(?:\.(\d{0,30}))?(?:e([+-]?\d{1,2}))?$/i;

/** How long a call lasted. */
export interface Talk {
  /** Whole ms, truncated. */
  ms: number;
  /** Exactly 0: the call was never answered. */
  isNone: boolean;
}

/**
 * Seconds as Python writes a number (`59`, `1.301645040512085`, `1e-05`), exactly, without a float in between. null for anything else,
 * and for more than a year.
 */
export function talkIn(text: string): Talk | null {
  const [, whole, fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? [];
  if (whole === undefined) return null;
  const digits = BigInt(whole + fraction);
  const shift = Number(exponent) - fraction.length + 3;
  const ms = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);
  return ms > BigInt(MOST_MS) ? null : { ms: Number(ms), isNone: digits === 0n };
}
