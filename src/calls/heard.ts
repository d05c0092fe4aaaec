/** How a call ended that no process carried: by what the switch reported meanwhile, what it wrote in its records, and when it was last seen. */
import type { CallRecord } from '../credit/rules/call';
import type { CallEnd, Evidence, HangupSource } from '../credit/rules/charge';
import type { CallState } from './call-state';
import { CAUSE, dispositionOf } from './causes';
import { SAME_MS, type WrittenCall } from './evidence';
import { callerOf, isCalledLeg, routeIndexOf } from './leg-names';
import type { SwitchEvent } from './switch-port';

/** What was reported of a call that no process carried yet: its legs' answers, and the ends of all its legs. */
export interface Heard {
  answer: { leg: string; at: number } | null;
  callerAnsweredAt: number | null;
  ends: Map<string, LegEnd>;
  /** Legs that were in a list of the switch since we receive its events: their ends cannot be missed. */
  listed: Set<string>;
}

export const nothingHeard = (): Heard => ({
  answer: null,
  callerAnsweredAt: null,
  ends: new Map(),
  listed: new Set(),
});

/** When both had answered, as far as it was reported; null while one had not. */
export const talkHeard = ({ answer, callerAnsweredAt }: Heard): number | null =>
  answer === null || callerAnsweredAt === null ? null : Math.max(answer.at, callerAnsweredAt);

interface LegEnd {
  at: number;
  byRequest: boolean;
  /** The end other than by leaving our application, which is no end for a call that the dialplan dials; Infinity while no such end is known. */
  goneAt: number;
  /** Q.850; 0 while it is not known. */
  cause: number;
}

/** More calls than any switch carries. While nothing can be compared, refused calls pile up here. */
const MOST_REMEMBERED = 20_000;

/** Remembers what was reported of a call that is not carried. The earliest answer and end of each leg count. */
export function note(heard: Map<string, Heard>, event: Exclude<SwitchEvent, { type: 'arrived' }>): void {
  if (event.type !== 'answered' && event.type !== 'ended' && event.type !== 'destroyed') return;
  const { channel, at } = event;
  const uniqueid = (event.type === 'answered' && event.caller) || callerOf(channel);
  const known = heard.get(uniqueid) ?? nothingHeard();
  heard.set(uniqueid, known);
  if (heard.size > MOST_REMEMBERED) heard.delete(heard.keys().next().value as string);
  if (event.type === 'answered') {
    if (channel === uniqueid) known.callerAnsweredAt = Math.min(known.callerAnsweredAt ?? at, at);
    else if (at < (known.answer?.at ?? Number.POSITIVE_INFINITY)) known.answer = { leg: channel, at };
    return;
  }
  const byRequest = event.type === 'ended' && event.byRequest;
  const end = known.ends.get(channel) ?? { at, byRequest, cause: 0, goneAt: Number.POSITIVE_INFINITY };
  end.at = Math.min(end.at, at);
  if (event.type === 'destroyed' || !event.hasLeft) end.goneAt = Math.min(end.goneAt, at);
  if (event.type === 'destroyed') end.cause = event.cause;
  known.ends.set(channel, end);
}

/**
 * Whether a reported end is our own hang-up of what was left of a call, at `cutAt`: it says nothing about the end of the talk. Both may be
 * reported with the same instant.
 */
const isOurCut = ({ at, byRequest }: LegEnd, cutAt: number): boolean => byRequest && at >= cutAt - SAME_MS;

/** When we hung up what was left of a call, in this process or an earlier one; Infinity if we did not. */
export const cutOf = (call: CallRecord | CallState, here?: number): number =>
  here ?? ('cutAt' in call ? call.cutAt : null) ?? Number.POSITIVE_INFINITY;

/** The records of an answered call, but without an end that is our own hang-up at `cutAt`, or came after it. */
export function withoutOurCut(record: WrittenCall | null, answerAt: number | null, cutAt: number): WrittenCall | null {
  if (record === null || record.endAt === null || (answerAt ?? record.answerAt) === null) return record;
  const isOurs = record.endAt >= cutAt || (record.hangupSource === null && record.endAt >= cutAt - SAME_MS);
  return isOurs ? { ...record, endAt: null, hangupCause: null, hangupSource: null } : record;
}

/** The first end of the caller's leg or the answered one, as it was reported; null if neither was. */
export function endHeard(call: CallRecord, heard: Heard | undefined): (LegEnd & { channel: string }) | null {
  if (!heard) return null;
  const caller = callerEnd(call, heard);
  const talked = talkedLeg(call, heard);
  const callee = talked === undefined ? undefined : heard.ends.get(talked);
  if (callee && talked && (!caller || callee.at < caller.at)) return { ...callee, channel: talked };
  return caller ? { ...caller, channel: call.uniqueid } : null;
}

function callerEnd({ uniqueid, isFixed }: CallRecord, heard: Heard): LegEnd | undefined {
  const end = heard.ends.get(uniqueid);
  if (!end || !isFixed) return end;
  return end.goneAt === Number.POSITIVE_INFINITY ? undefined : { ...end, at: end.goneAt };
}

/** An answer that was reported to an earlier process does not name the leg: it is that of the last route. */
const talkedLeg = (call: CallRecord, heard: Heard): string | undefined =>
  call.answerAt === null ? heard.answer?.leg : (heard.answer?.leg ?? lastLeg(heard));

/**
 * Whether the reported end is the call's: each leg that talked was heard or seen. A leg that was neither may have ended long before, and a
 * leg that was never seen may have been answered. The switch's records know.
 */
export function isToldWhole(call: CallRecord, heard: Heard | undefined, cutAt = Number.POSITIVE_INFINITY): boolean {
  const told = endHeard(call, heard);
  if (!heard || told === null || isOurCut(told, cutAt)) return false;
  const isAccountedFor = (leg: string) => heard.listed.has(leg) || heard.ends.has(leg);
  const talked = talkedLeg(call, heard);
  return talked !== undefined && isAccountedFor(talked) && isAccountedFor(call.uniqueid);
}

const lastLeg = ({ ends }: Heard): string | undefined =>
  [...ends.keys()].filter(isCalledLeg).sort((one, other) => routeIndexOf(other) - routeIndexOf(one))[0];

/**
 * How a call that is not carried ended, by the best evidence; `cutAt`: when we hung up what was left of it.
 *
 * `seenAt` null: its switch was never seen, as is always so for a door. An answered call without any evidence then counts as lasting to its
 * limit, which its switch was told. A call that was not answered never talked.
 */
export function endOf(
  call: CallRecord,
  heard: Heard | undefined,
  record: WrittenCall | null,
  seenAt: number | null,
  cutAt = Number.POSITIVE_INFINITY,
): CallEnd {
  const answerAt = call.answerAt ?? (heard && talkHeard(heard)) ?? record?.answerAt ?? null;
  const limitAt = answerAt === null ? Number.POSITIVE_INFINITY : answerAt + call.grantedSeconds * 1000;
  const { at, evidence, cause, source } = bestEnd();
  const hangupCause = cause || CAUSE.normalClearing;
  return {
    answerAt,
    endAt: Math.max(at, answerAt ?? call.startAt),
    disposition: answerAt === null ? dispositionOf(hangupCause) : 'ANSWERED',
    hangupCause,
    hangupSource: at >= limitAt ? 'limit' : source,
    evidence,
  };

  function bestEnd(): { at: number; evidence: Evidence; cause: number; source: HangupSource } {
    const heardEnd = endHeard(call, heard);
    const isCut = answerAt !== null && heardEnd !== null && isOurCut(heardEnd, cutAt);
    const told = isCut ? null : heardEnd;
    // This end may follow from an end that went unheard: we hung up the other leg.
    const isFirst = record === null || record.endAt === null || told === null || told.at <= record.endAt + SAME_MS;
    // If a leg is unheard of and the records have nothing, a call that talked is charged to its last sighting, never beyond.
    if (told && isFirst && (record?.endAt || answerAt === null || isToldWhole(call, heard, cutAt))) {
      const party = told.channel === call.uniqueid ? 'caller' : 'callee';
      return { at: told.at, evidence: 'event', cause: told.cause, source: told.byRequest ? 'service' : party };
    }
    if (record && record.endAt !== null) {
      const source = record.hangupSource ?? 'service';
      return { at: record.endAt, evidence: record.source, cause: record.hangupCause ?? 0, source };
    }
    if (seenAt === null) {
      return { at: answerAt === null ? call.startAt : limitAt, evidence: 'none', cause: 0, source: 'service' };
    }
    return { at: Math.min(seenAt, limitAt), evidence: 'sighting', cause: 0, source: 'service' };
  }
}
