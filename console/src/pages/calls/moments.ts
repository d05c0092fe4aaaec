/** What happened in a call, in its order, from its record, its events and the switch's journal. Pure. */
import type { CallEvidence, CallShown } from '../../api/operations';

/** Amounts are decimal texts in the call's currency. */
export type Happening =
  | { what: 'arrived' }
  | { what: 'authorised'; held: string; grantedSeconds: number; limitedBy: string }
  | { what: 'refused' }
  | { what: 'failed'; trunk: string; cause: number | null }
  | { what: 'answered'; trunk: string }
  | { what: 'extended' | 'shrunk'; times: number; held: string; grantedSeconds: number; untilAt: number }
  | { what: 'warned'; secondsLeft: number }
  | { what: 'hangup_wanted' }
  | { what: 'limit_not_kept' }
  | { what: 'settlement_refused'; code: string }
  | { what: 'ended' }
  | { what: 'charged'; cost: string }
  | { what: 'moved'; kind: string; amount: string };

/** `at`: ms since 1970. */
export type Moment = Happening & { at: number };

type Event = CallEvidence['events'][number];

/** In which order things of one instant happened. */
const ORDER: readonly Happening['what'][] = [
  'arrived',
  'refused',
  'authorised',
  'failed',
  'answered',
  'extended',
  'shrunk',
  'warned',
  'hangup_wanted',
  'limit_not_kept',
  'ended',
  'settlement_refused',
  'charged',
  'moved',
];

/** `PJSIP/carrier-0000002a` is a channel of the endpoint `PJSIP/carrier`. */
export const endpointOf = (channel: string): string => channel.replace(/-[0-9a-f]{8}(;\d)?$/, '');

/**
 * The time line of a call, the oldest first. Without evidence (roles that may not see it) the record alone tells. Consecutive extensions are
 * one moment: a call that shares its account is extended every minute.
 */
export function momentsOf(call: CallShown, evidence: CallEvidence | null): Moment[] {
  const startAt = Date.parse(call.start_at);
  const moments: Moment[] = [{ at: startAt, what: 'arrived' }];
  if (call.refusal !== null) moments.push({ at: startAt, what: 'refused' });
  if (call.answer_at !== null) moments.push({ at: Date.parse(call.answer_at), what: 'answered', trunk: call.trunk });
  const called =
    evidence?.legs.filter(leg => !leg.is_caller && leg.answered_at === null && leg.ended_at !== null) ?? [];
  const hasFailed = new Set<string>();
  for (const { channel, ended_at, hangup_cause } of called) {
    const at = Date.parse(ended_at as string);
    // The last leg of a call that the caller gave up is hung up by us: that is the end, and no answer of the trunk.
    if (call.end_at !== null && at >= Date.parse(call.end_at)) continue;
    hasFailed.add(endpointOf(channel));
    moments.push({ at, what: 'failed', trunk: endpointOf(channel), cause: hangup_cause });
  }
  if (call.end_at !== null && call.refusal === null) moments.push({ at: Date.parse(call.end_at), what: 'ended' });
  // The database's clock may be behind the switch's: nothing happens to a call before it arrives.
  const told = (evidence?.events ?? []).flatMap(event => happeningsOf(event));
  moments.push(...told.map(moment => ({ ...moment, at: Math.max(moment.at, startAt) })));
  const sorted = moments
    .map((moment, index) => ({ moment, index }))
    .sort(
      (one, other) =>
        one.moment.at - other.moment.at ||
        ORDER.indexOf(one.moment.what) - ORDER.indexOf(other.moment.what) ||
        one.index - other.index,
    )
    .map(({ moment }) => moment);
  return together(sorted);
}

function happeningsOf({ kind, created_at, facts }: Event): Moment[] {
  const at = Date.parse(created_at);
  const fact = facts as Record<string, unknown>;
  const text = (name: string) => String(fact[name] ?? '');
  const whole = (name: string) => Number(fact[name] ?? 0);
  switch (kind) {
    case 'authorised':
      return [
        {
          at,
          what: 'authorised',
          held: text('max_cost'),
          grantedSeconds: whole('granted_seconds'),
          limitedBy: text('limited_by'),
        },
      ];
    case 'extended':
    case 'shrunk':
      return [
        {
          at,
          what: kind,
          times: 1,
          held: text('max_cost'),
          grantedSeconds: whole('granted_seconds'),
          untilAt: at,
        },
      ];
    case 'warned':
      return [{ at, what: 'warned', secondsLeft: whole('seconds_left') }];
    case 'hangup_wanted':
    case 'limit_not_kept':
      return [{ at, what: kind }];
    case 'settlement_refused':
      return [{ at, what: 'settlement_refused', code: text('code') }];
    case 'settled':
      return [{ at, what: 'charged', cost: text('cost') }];
    case 'money_moved':
      return [{ at, what: 'moved', kind: text('kind'), amount: text('amount') }];
    default:
      return [];
  }
}

function together(moments: readonly Moment[]): Moment[] {
  const joined: Moment[] = [];
  for (const moment of moments) {
    const last = joined.at(-1);
    if ((moment.what === 'extended' || moment.what === 'shrunk') && last?.what === moment.what) {
      joined[joined.length - 1] = { ...moment, at: last.at, times: last.times + 1, untilAt: moment.at };
    } else joined.push(moment);
  }
  return joined;
}

/** How high the gap before each moment is drawn, in pixels: to scale, together `height`. 0 before the first. */
export function gapsOf(moments: readonly Moment[], height: number): number[] {
  const ends = moments.map(moment => ('untilAt' in moment ? moment.untilAt : moment.at));
  const gaps = moments.map((moment, index) =>
    index === 0 ? 0 : Math.max(0, moment.at - (ends[index - 1] ?? moment.at)),
  );
  const whole = gaps.reduce((sum, gap) => sum + gap, 0);
  return gaps.map(gap => (whole === 0 ? 0 : Math.round((gap / whole) * height)));
}

/** `0.2 s`, `41 s`, `1:02`. */
export function gapText(ms: number, language: string): string {
  if (ms >= 60_000) {
    const seconds = Math.round(ms / 1000);
    const two = (part: number) => String(part).padStart(2, '0');
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
  }
  const places = ms < 10_000 ? 1 : 0;
  const text = (ms / 1000).toLocaleString(language, { minimumFractionDigits: places, maximumFractionDigits: places });
  return `${text} s`;
}
