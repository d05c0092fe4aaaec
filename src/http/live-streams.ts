/** The streams of the API, as its document describes them and its routes check them. Pure. */
import { type TObject, type TSchema, Type } from 'typebox';
import { ofAccount } from '../admin/account-operations';
import { CALL_OPERATIONS } from '../admin/call-operations';
import { OWN_LIVE_NAMES, OWN_OPERATIONS, ownKind } from '../admin/own-operations';
import { WEBHOOK_OPERATIONS } from '../admin/webhook-operations';
import { invalid } from '../operator/fields';
import { fields, type Operation } from '../operator/operation';
import { listField, textBy } from '../operator/schema';
import { OWN_KINDS } from '../webhooks/own-event';
import { kindsField } from '../webhooks/webhook-store';

export interface Stream {
  path: string;
  /** The operation that lists the same. Its roles may follow. */
  lists: Operation;
  operationId: string;
  help: string;
  fields: TObject;
  /** What comes. */
  messages: string;
  /** The facts of a call that it shows; all if not given. */
  shows?: readonly string[];
  /** The kinds of events that it sends if none are asked for; all if not given. */
  kinds?: readonly string[];
}

const named = (operations: readonly Operation[], name: string): Operation =>
  operations.find(each => each.name === name) as Operation;

/** A place in the stream of events. @throws Refused field_invalid */
export function placeField(field: string, text: string): bigint {
  if (!/^\d{1,19}$/.test(text))
    throw invalid(field, text.slice(0, 40), 'is no id of a message: write digits, or leave it out');
  return BigInt(text);
}

export const EVENT_STREAM: Stream = {
  path: '/events/stream',
  lists: named(WEBHOOK_OPERATIONS, 'event list'),
  operationId: 'eventFollow',
  help: 'events as they happen, each once, as server-sent events; a listener that comes back with Last-Event-ID misses none',
  fields: fields({
    account: Type.Optional(ofAccount('events')),
    kinds: Type.Optional(
      listField<string>(Type.String(), kindsField, {
        description: 'only these kinds, separated by commas: docs/events.md',
        unit: 'kinds',
        example: ['settled', 'low_balance'],
      }),
    ),
    after: Type.Optional(
      textBy(placeField, {
        description:
          'the id of the last message that you have, where no Last-Event-ID can be sent; 0 for all that is kept; new events if not given',
        unit: 'id',
        example: '4711',
      }),
    ),
  }),
  messages:
    'a message without a name is an event, with its id; `pruned` tells that events between were pruned, and operators how many; `end` why the stream ends. A comment comes every 15 s',
};

export const OWN_EVENT_STREAM: Stream = {
  path: '/own/events/stream',
  lists: named(OWN_OPERATIONS, 'own events'),
  operationId: 'ownEventFollow',
  help: "the account's events as they happen, each once, as server-sent events; a listener that comes back with Last-Event-ID misses none",
  fields: fields({
    kinds: Type.Optional(
      listField<string>(ownKind, () => undefined, {
        description: 'only these kinds, separated by commas',
        unit: 'kinds',
        example: ['settled', 'low_balance'],
      }),
    ),
    after: EVENT_STREAM.fields.properties.after as TSchema,
  }),
  messages: EVENT_STREAM.messages,
  kinds: OWN_KINDS,
};

export const CALL_STREAM: Stream = {
  path: '/calls/live/stream',
  lists: named(CALL_OPERATIONS, 'call live'),
  operationId: 'callFollow',
  help: 'calls in progress, as server-sent events: a snapshot, then what changes each second',
  fields: fields({ account: Type.Optional(ofAccount('calls')) }),
  messages:
    '`snapshot` has the calls as `items`; `difference` has `added`, `changed` (of each call its uniqueid and what changed) and `ended` (uniqueids); `stale` that the calls cannot be read since `at`, until the next difference; `end` tells why the stream ends. A comment comes every 15 s',
};

export const OWN_CALL_STREAM: Stream = {
  path: '/own/calls/live/stream',
  lists: named(OWN_OPERATIONS, 'own live'),
  operationId: 'ownLiveFollow',
  help: "the account's calls in progress, as server-sent events: a snapshot, then what changes each second",
  fields: fields({}),
  messages: CALL_STREAM.messages,
  shows: OWN_LIVE_NAMES,
};

export const STREAMS: readonly Stream[] = [EVENT_STREAM, CALL_STREAM, OWN_EVENT_STREAM, OWN_CALL_STREAM];
