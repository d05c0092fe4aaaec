/** The requests of the call_control module and the replies to it, in all their forms. Pure. */
import type { Refusal } from '../../credit/refusal';
import { withoutSeparators } from '../../rating/dialled-number';

export type ControlRequest =
  | {
      command: 'init';
      callId: string;
      ruri: string;
      /** `user@domain` of the party that diverted the call, and pays for it; null for none. */
      diverter: string | null;
      /** The body of the From header. */
      from: string;
      /** What OpenSIPS says of the caller; Kamailio says nothing. */
      prepaid: 'true' | 'false' | 'unknown' | null;
      /** The most calls of the caller at once; 0 for no limit. */
      callLimit: number;
    }
  | { command: 'start' | 'stop' | 'terminate'; callId: string }
  | { command: 'debug'; show: 'sessions'; user: string }
  | { command: 'debug'; show: 'session'; callId: string };

/** What is wrong with a message, in our own words: it quotes nothing of the message. */
export class ControlError extends Error {
  override name = 'ControlError';
}

const MOST_LINES = 32;

/**
 * The request in the lines of one message, without the empty one that ends it.
 *
 * A line is `key: value`. Unknown keys are passed over, because some versions add keys.
 * @throws ControlError
 */
export function requestIn(lines: readonly string[]): ControlRequest {
  const [command = '', ...rest] = lines;
  if (rest.length > MOST_LINES) throw new ControlError(`it has more than ${MOST_LINES} lines`);
  const values = new Map<string, string>();
  let last = '';
  for (const line of rest) {
    // A header that continues in the next line comes as it was sent.
    if (/^[ \t]/.test(line) && last !== '') {
      values.set(last, `${values.get(last)} ${line.trim()}`);
      continue;
    }
    const at = line.indexOf(':');
    if (at < 1) throw new ControlError('a line is no "key: value"');
    const key = line.slice(0, at);
    last = key;
    if (values.has(key)) throw new ControlError('a key is there twice');
    values.set(key, line.slice(at + 1).trim());
  }
  const needed = (key: string): string => {
    const value = values.get(key) ?? '';
    if (value === '') throw new ControlError(`${key} is missing`);
    return value;
  };
  switch (command) {
    case 'init': {
      const diverter = values.get('diverter') ?? '';
      const prepaid = (values.get('prepaid') ?? '').toLowerCase();
      if (!['', 'true', 'false', 'unknown'].includes(prepaid))
        throw new ControlError('prepaid is none of true, false, unknown');
      const callLimit = values.get('call_limit') ?? '0';
      if (!/^\d{1,9}$/.test(callLimit)) throw new ControlError('call_limit is no number');
      return {
        command,
        callId: needed('callid'),
        ruri: needed('ruri'),
        diverter: diverter === '' || diverter === 'None' ? null : diverter,
        from: needed('from'),
        prepaid: prepaid === '' ? null : (prepaid as 'true' | 'false' | 'unknown'),
        callLimit: Number(callLimit),
      };
    }
    case 'start':
    case 'stop':
    case 'terminate':
      return { command, callId: needed('callid') };
    case 'debug': {
      const show = needed('show');
      if (show === 'sessions') return { command, show, user: values.get('user') ?? '' };
      if (show === 'session') return { command, show, callId: needed('callid') };
      throw new ControlError('show is neither sessions nor session');
    }
    default:
      throw new ControlError('its first line is none of init, start, stop, debug, terminate');
  }
}

/** The payer, by the parts of its SIP URI. */
export interface Party {
  user: string;
  domain: string;
}

const URI = /^sips?:([^@;>\s]{1,128})@([^;>:?\s"]{1,128})/;

/** The paying party: the one that diverted the call, else the one in From; null if neither is a URI with a user. */
export function payingParty({ diverter, from }: { diverter: string | null; from: string }): Party | null {
  const address = diverter === null ? addressIn(from) : `sip:${diverter}`;
  const [, user, domain] = URI.exec(address) ?? [];
  // With two @, readers may disagree about where the user ends.
  return user && domain && address.indexOf('@') === address.lastIndexOf('@') ? { user, domain } : null;
}

/** The text between < and >, after a display name that the caller chose and that may look like another party's address. */
function addressIn(from: string): string {
  const unnamed = from.replace(/^\s*"(?:[^"\\]|\\.)*"/, '');
  if (unnamed.trimStart().startsWith('"')) return '';
  const [, between = unnamed] = unnamed.split('<');
  return (between.split('>')[0] ?? '').trim();
}

/** The user of a request URI, or the number of a tel URI; '' if it has none. Still hostile. */
export function dialledIn(ruri: string): string {
  const [, user, number] = /^(?:sips?:([^@>\s]{1,128})@|tel:([^@>?\s]{1,128}))/i.exec(ruri) ?? [];
  return user ?? withoutSeparators(number ?? '');
}

/** The replies to the module, exactly: it compares the whole answer. */
export type ControlReply =
  | 'Limited'
  | 'No limit'
  | 'No credit'
  | 'Locked'
  | 'Duplicated callid'
  | 'Call limit reached'
  | 'Error'
  | 'Ok'
  | 'Not found';

/** Kamailio's module knows the first four; any other reply is an error to it (-5). */
export const REPLY_OF_REFUSAL = {
  account_not_found: 'No credit',
  account_blocked: 'Locked',
  account_expired: 'Locked',
  number_invalid: 'Error',
  number_barred: 'Locked',
  no_rate: 'Error',
  destination_blocked: 'Locked',
  price_limit: 'Locked',
  call_cost_limit: 'Locked',
  no_route: 'Error',
  too_many_calls: 'Call limit reached',
  too_many_calls_per_second: 'Call limit reached',
  time_used_up: 'No credit',
  spend_limit_month: 'No credit',
  spend_limit_day: 'No credit',
  spend_limit_hour: 'No credit',
  insufficient_balance: 'No credit',
  uniqueid_reused: 'Duplicated callid',
  invite_repeated: 'Duplicated callid',
  arguments_invalid: 'Error',
  overloaded: 'Error',
  ledger_unavailable: 'Error',
  service_stalled: 'Error',
  lease_lost: 'Error',
  shutting_down: 'Error',
} as const satisfies Record<Refusal, ControlReply>;
