/** The replies to Call Control and clients of CDRTool's rating engine, byte by byte. Pure. No reply contains an empty line. */
import { divide, formatAmount, larger, type Micros, micros, smaller, ZERO } from '../../money/micros';
import type { BilledPiece } from '../../rating/price';
import type { CallTariff } from '../../rating/timed';

/** How long a call may talk; whole seconds, 0 for a refused call. */
export const limitReply = (seconds: number): string => `${seconds}\ntype=prepaid`;

/**
 * No limit, for emergency calls only. Call Control asks no more about such a call, and it does not change how long the caller's other
 * calls may talk.
 */
export const UNLIMITED = 'none\ntype=prepaid';

/** Nothing was charged; Call Control does not ask again. */
export const FAILED = 'Failed';

/** An error that Call Control takes as a fault, not as a refusal. */
export const errorReply = (text: string): string => `Error: ${text}`;

/** A call with the rate by which it was charged. */
export interface Priced {
  accountcode: string;
  /** What was billed, by its prices. */
  pieces: readonly BilledPiece[];
  cost: Micros;
  tariff: CallTariff;
  deck: string;
  version: number;
  prefix: string;
  destination: string;
  /** Ms since 1970. */
  startAt: number;
}

/** A call was charged. `seconds`: how long the caller's other calls may talk; 0 leaves them as they are. */
export const debitReply = (seconds: number, call: Priced): string =>
  ['Ok', `MaxSessionTime=${seconds}`, priceReply(call)].join('\n');

/** The exact price and how it came about, in CDRTool's lines. A call that was not billed has none. */
export const priceReply = (call: Priced): string => [formatAmount(call.cost), ...rateLines(call)].join('\n');

function rateLines({ accountcode, pieces, cost, tariff, startAt, ...rate }: Priced): string[] {
  if (pieces.length === 0 && cost === ZERO) return [];
  const { connectFee, minimumCharge, initialIncrementSeconds, incrementSeconds } = tariff;
  const line = (name: string, value: string) => `${name.padStart(12)}: ${value.replace(/\p{Cc}/gu, ' ').trim()}`;
  const seconds = pieces.reduce((sum, piece) => sum + piece.seconds, 0);
  const prices = spanPrices(pieces, larger(ZERO, micros(cost - connectFee)));
  const spans = pieces.flatMap((piece, at) => [
    '--',
    line('Span', `${at + 1}`),
    line('Duration', `${piece.seconds} s`),
    line('ProfileId', rate.deck),
    line('RateId', `${rate.version}`),
    line('Rate', `${formatAmount(piece.pricePerMinute)} / 60 s`),
    line('Price', formatAmount(prices[at] as Micros)),
  ]);
  return [
    // The first line has no blanks before it, because CDRTool trims the whole text.
    line('Duration', `${seconds} s`).trimStart(),
    line('App', 'audio'),
    line('Destination', `${rate.prefix} ${rate.destination}`),
    line('Customer', `account=${accountcode}`),
    line('Increment', `${initialIncrementSeconds}/${incrementSeconds} s`),
    ...(minimumCharge > ZERO ? [line('Min price', formatAmount(minimumCharge))] : []),
    line('Connect', formatAmount(connectFee)),
    line('StartTime', `${new Date(startAt).toISOString().slice(0, 19).replace('T', ' ')} UTC`),
    ...spans,
  ];
}

/** What each span costs, together `talk`: the last one has the rounding, and what the minimum charge adds or the grant cuts. */
function spanPrices(pieces: readonly BilledPiece[], talk: Micros): Micros[] {
  let left = talk;
  return pieces.map(({ pricePerMinute, seconds }, at) => {
    const exact = micros(divide(pricePerMinute * BigInt(seconds), 60n, 'down'));
    const price = at === pieces.length - 1 ? left : smaller(left, exact);
    left = micros(left - price);
    return price;
  });
}

const TEN_THOUSANDTH = 100n;

/** A balance with four decimals, as in CDRTool, rounded down: it never shows more than there is. */
export function balanceReply(balance: Micros): string {
  const down = divide(balance, TEN_THOUSANDTH, 'down');
  const digits = (down < 0n ? -down : down).toString().padStart(5, '0');
  return `${down < 0n ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`;
}

/** A movement of money, and the call that caused it. */
export interface HistoryEntry {
  kind: string;
  reason: string;
  amount: Micros;
  balanceAfter: Micros;
  /** null if no call caused it. */
  call: { prefix: string; destination: string; billsec: number } | null;
}

/** Movements of money as JSON, in one line, with exact amounts. */
export const historyReply = (account: string, entries: readonly HistoryEntry[]): string =>
  JSON.stringify(
    entries.map(({ kind, reason, amount, balanceAfter, call }) => ({
      account,
      action: call ? 'Debit balance' : 'Set balance',
      description: call
        ? `Session to ${call.destination} (${call.prefix}) for ${call.billsec}s`
        : `${kind}${reason === '' ? '' : `: ${reason}`}`,
      value: formatAmount(amount),
      balance: formatAmount(balanceAfter),
    })),
  );

export const HELP = [
  'Version',
  'Help',
  'KeepAlive',
  'ShowClients',
  'MaxSessionTime        CallId=6432622xvv@1 From=sip:123@example.com To=sip:0031650222333@example.com Duration=7200 Gateway=10.0.0.1',
  'ShowPrice             From=sip:123@example.com To=sip:0031650222333@example.com Gateway=10.0.0.1 Duration=59',
  'DebitBalance          CallId=6432622xvv@1 From=sip:123@example.com To=sip:0031650222333@example.com Gateway=10.0.0.1 Duration=59',
  'AddBalance            From=123@example.com Value=10.00 [Reference=order-17]',
  'GetBalance            From=123@example.com',
  'GetBalanceHistory     From=123@example.com',
  'DumpPrepaidSessions   Account=123@example.com',
  'exit',
].join('\n');
