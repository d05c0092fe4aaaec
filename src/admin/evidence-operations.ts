/** What an operator sees of a call besides its CDR: its events, its entries, and what the switch itself wrote down. */
import type { Knex } from 'knex';
import type { Static } from 'typebox';
import { callNamed } from '../accounts/call-view';
import { entriesOfCall, type LedgerEntryView } from '../accounts/ledger-view';
import type { CallRecord } from '../credit/rules/call';
import { type SwitchView, switchViewOf } from '../evidence/switch-view';
import {
  factsOf,
  flagFact,
  instantFact,
  listFact,
  orNull,
  textFact,
  wholeFact,
  wordFact,
} from '../operator/answer-schema';
import { fields, operation } from '../operator/operation';
import type { Visible } from '../operator/visible';
import { type EventView, listEvents } from '../webhooks/event-store';
import { uniqueid } from './call-operations';
import { LEDGER_ENTRY, ledgerFacts } from './ledger-operations';
import { EVENT, eventFacts } from './webhook-operations';

const SWITCH_LEG = factsOf('SwitchLeg', {
  leg: textFact('its uniqueid; rf-…-2 was the second that Ringfence dialled'),
  channel: textFact('the name of its channel'),
  is_caller: flagFact("whether it is the caller's; every other one was called"),
  answered_at: orNull(instantFact('null if it was never answered')),
  ended_at: orNull(instantFact('null while it is alive, or if the switch lost that row')),
  hangup_cause: orNull(wholeFact('Q.850 cause; null if it is not known')),
});

const SWITCH_RECORD = factsOf('SwitchRecord', {
  source: wordFact(
    ['cel', 'cdr', 'proxy'],
    'its journal (CEL), or its call records (CDR) where the journal lacks rows',
  ),
  answer_at: orNull(instantFact('null if it was never answered')),
  end_at: orNull(instantFact('null while its end has not been written')),
  billsec: orNull(wholeFact('whole seconds from answer_at to end_at; null while one is missing')),
  hangup_cause: orNull(wholeFact('Q.850 cause; null if it is not known')),
  hangup_source: orNull(wordFact(['caller', 'callee'], 'null if it names neither')),
  is_unclear: flagFact("the answer and the caller's end have the same stamp: whether there was talk is not known"),
});

const CALL_EVIDENCE = factsOf('CallEvidence', {
  uniqueid: textFact(),
  events: listFact(EVENT, 'the oldest first; events are kept for RINGFENCE_EVENT_DAYS'),
  entries: listFact(LEDGER_ENTRY, 'the entries that it caused, and refunds that name it; the oldest first'),
  legs: listFact(
    SWITCH_LEG,
    "by the switch's journal: the caller's leg, then the called ones in the order of dialling",
  ),
  switch_record: orNull(SWITCH_RECORD),
});

/** All of it that an operator may see. */
export interface CallEvidence {
  call: CallRecord;
  events: EventView[];
  entries: LedgerEntryView[];
  seen: SwitchView;
}

const instant = (at: number | null): Date | null => (at === null ? null : new Date(at));

function recordFacts({ written }: SwitchView): Static<typeof SWITCH_RECORD> | null {
  if (written === null) return null;
  const { source, answerAt, endAt, hangupCause, hangupSource, isUnclear = false } = written;
  return {
    source,
    answer_at: instant(answerAt),
    end_at: instant(endAt),
    billsec: answerAt === null || endAt === null ? null : Math.max(0, Math.floor((endAt - answerAt) / 1000)),
    hangup_cause: hangupCause,
    hangup_source: hangupSource,
    is_unclear: isUnclear,
  };
}

/** All facts of it. */
export const evidenceFacts = ({ call, events, entries, seen }: CallEvidence): Static<typeof CALL_EVIDENCE> => ({
  uniqueid: call.uniqueid,
  events: events.map(eventFacts),
  entries: entries.map(ledgerFacts),
  legs: seen.legs.map(({ leg, channel, isCaller, answeredAt, endedAt, hangupCause }) => ({
    leg,
    channel,
    is_caller: isCaller,
    answered_at: instant(answeredAt),
    ended_at: instant(endedAt),
    hangup_cause: hangupCause,
  })),
  switch_record: recordFacts(seen),
});

/** A call that shares is extended every minute, for a day at most. */
const MOST_EVENTS = 2_000;
/**
 * How long before a call's arrival and after its end its events are searched: events have no index of calls. Mostly they are near. But the clock
 * of a switch may differ from the database's, and a settlement waits while the database is away. Ms.
 */
const SPANS = [
  { beforeMs: 60_000, behindMs: 300_000 },
  { beforeMs: 3_600_000, behindMs: 24 * 3_600_000 },
];

/** The events that tell of a call's end; none comes after a refusal. */
const ENDS: readonly string[] = ['settled', 'refused'];

/** The events of a call, the oldest first: those near it, or if none of them tells of its end, those of a day. */
export async function eventsOf(
  database: Knex,
  visible: Visible,
  { uniqueid: ofCall, startAt, endAt }: CallRecord,
): Promise<EventView[]> {
  let found: EventView[] = [];
  for (const { beforeMs, behindMs } of SPANS) {
    const span = { from: new Date(startAt - beforeMs), ...(endAt !== null && { to: new Date(endAt + behindMs) }) };
    const page = { limit: MOST_EVENTS, offset: 0, byKey: { after: null, isCounted: false } };
    const { items } = await listEvents(database, visible, { uniqueid: ofCall, ...span }, page);
    found = items.reverse();
    if (endAt === null || found.some(({ kind }) => ENDS.includes(kind))) break;
  }
  return found;
}

const callEvidence = operation({
  name: 'call evidence',
  help: "what is known of a call besides its record: its events, its ledger entries, and what the switch's own journal and call records in the database have of it",
  example: 'call evidence ast1-1767225600.42',
  roles: ['read', 'support', 'admin'],
  fields: fields({ uniqueid }),
  arguments: ['uniqueid'],
  refusals: ['call_not_found'],
  run: async ({ database, visible }, input): Promise<CallEvidence> => {
    const call = await callNamed(database, visible, input.uniqueid);
    const events = await eventsOf(database, visible, call);
    const entries = await entriesOfCall(database, call);
    return { call, events, entries, seen: await switchViewOf(database, call) };
  },
  answer: {
    kind: 'record',
    schema: CALL_EVIDENCE,
    facts: evidenceFacts,
  },
});

export const EVIDENCE_OPERATIONS = [callEvidence];
