/** What an operator may do with webhooks and events. */
import { type Static, Type } from 'typebox';
import {
  anyFacts,
  factsOf,
  flagFact,
  instantFact,
  listFact,
  orNull,
  textFact,
  wholeFact,
  wordFact,
} from '../operator/answer-schema';
import { keyedBy } from '../operator/cursor';
import type { Facts } from '../operator/facts';
import { accountcodeField, invalid, nameField, textField } from '../operator/fields';
import { between, betweenOf, fields, keyedRowsOf, operation, PAGE, rowsOf } from '../operator/operation';
import { Refused } from '../operator/operator-refusal';
import { MOST_ROWS } from '../operator/page';
import { flag, listField, oneOf, secretBy, textBy, whole } from '../operator/schema';
import { DEAD_ORDER, type DeadView, listDead, retryAll, retryDeliveries } from '../webhooks/dead-delivery-store';
import { DEADLINE_MS } from '../webhooks/deliverer';
import {
  DELIVERY_ORDERS,
  DELIVERY_STATES,
  type DeliveryView,
  deliveryOrder,
  listDeliveries,
} from '../webhooks/delivery-list-store';
import { EVENTS_ORDER, type EventView, isKind, KNOWN_KINDS, listEvents } from '../webhooks/event-store';
import { pruneAll } from '../webhooks/pruner';
import { httpUrlField } from '../webhooks/target';
import {
  addWebhook,
  kindsField,
  listWebhooks,
  MOST_COUNTED,
  removeWebhook,
  secretField,
  setWebhookStatus,
  type WebhookView,
} from '../webhooks/webhook-store';
import { testWebhook } from '../webhooks/webhook-trial';
import { ofAccount } from './account-operations';

const webhook = textBy(nameField, { description: 'the webhook', unit: 'webhook', example: 'crm' });

const WEBHOOK = factsOf('Webhook', {
  webhook: textFact(),
  url: textFact('where events are posted to'),
  kinds: listFact(textFact(), 'the kinds of events that it wants; empty for all'),
  accountcode: orNull(textFact('it wants only events of this account; null for all')),
  status: textFact('active; paused: its events wait'),
  waiting: wholeFact(`deliveries that are still to come, counted up to ${MOST_COUNTED}: then there may be more`),
  last_error: orNull(textFact('of a waiting delivery; null if there is none')),
  dead: wholeFact(`deliveries that were given up, counted up to ${MOST_COUNTED}: then there may be more`),
  created_at: instantFact(),
});

const webhookFacts = (view: WebhookView): Static<typeof WEBHOOK> => ({
  webhook: view.webhook,
  url: view.url,
  kinds: view.kinds,
  accountcode: view.accountcode,
  status: view.status,
  waiting: view.waiting,
  last_error: view.lastError,
  dead: view.dead,
  created_at: view.createdAt,
});

const add = operation({
  name: 'webhook add',
  help: 'tell a URL of every change from now on; shows the secret of its signatures, this once',
  example: 'webhook add crm --url https://crm.example/ringfence --kinds low_balance,blocked',
  roles: ['admin'],
  fields: fields({
    webhook,
    // The reader checks the length itself, because its message hides a password.
    url: textBy(
      (_, text) => httpUrlField(text),
      {
        description: 'where events are posted to; private and loopback hosts: RINGFENCE_WEBHOOK_ALLOW',
        unit: 'url',
        example: 'https://crm.example/ringfence',
      },
      null,
    ),
    kinds: Type.Optional(
      listField<string>(Type.String(), kindsField, {
        description: 'only these kinds, separated by commas; docs/events.md lists them',
        unit: 'kinds',
        example: ['low_balance', 'blocked'],
      }),
    ),
    account: Type.Optional(
      textBy((_, text) => accountcodeField(text), {
        description: 'only events of this account, which need not exist yet',
        unit: 'accountcode',
        example: 'alice',
      }),
    ),
    secret: Type.Optional(
      secretBy(secretField, {
        description: 'a secret of your own in one line of 16 to 200 characters, which is not shown then',
        unit: 'secret',
        example: 'my-own-secret-0123456789',
      }),
    ),
  }),
  arguments: ['webhook'],
  refusals: ['webhook_exists'],
  changes: 'at once',
  showsSecret: true,
  run: async (request, { account, ...input }) => {
    const added = await addWebhook(request, { ...input, accountcode: account }, request.service.webhookAllow);
    return { view: added.view, secret: input.secret === undefined ? added.secret : null };
  },
  answer: {
    kind: 'record',
    schema: factsOf('WebhookAdded', {
      ...WEBHOOK.properties,
      secret: Type.Optional(textFact('the key of its signatures, shown this once; left out if it was given')),
    }),
    facts: ({ view, secret }) => ({ ...webhookFacts(view), ...(secret !== null && { secret }) }),
  },
});

const test = operation({
  name: 'webhook test',
  help: 'post an event of kind "test" from here, once, and say what the receiver answered; exits 1 if it did not take it',
  example: 'webhook test crm',
  roles: ['support', 'admin'],
  fields: fields({ webhook }),
  arguments: ['webhook'],
  refusals: ['webhook_not_found', 'webhook_not_taken'],
  changes: 'in steps',
  run: async ({ database, service }, { webhook: name }) => {
    const { status, error } = await testWebhook(database, name, service.webhookAllow, DEADLINE_MS);
    if (error !== '')
      throw new Refused('webhook_not_taken', `webhook ${JSON.stringify(name)} did not take it: ${error}`).about({
        webhook: name,
        error,
      });
    return { webhook: name, status };
  },
  answer: {
    kind: 'record',
    schema: factsOf('WebhookTested', {
      webhook: textFact(),
      status: orNull(wholeFact('the HTTP status of its answer')),
    }),
    facts: taken => ({ ...taken }),
    says: ({ webhook: name, status }) => `${name} took it: HTTP ${status}`,
  },
});

const list = operation({
  name: 'webhook list',
  help: 'webhooks in the order of their names',
  example: 'webhook list',
  // The path of a URL may be its receiver's secret.
  roles: ['admin'],
  fields: fields(PAGE),
  arguments: [],
  refusals: [],
  run: ({ database }, page) => listWebhooks(database, rowsOf(page)),
  answer: { kind: 'list', schema: WEBHOOK, facts: webhookFacts, none: 'no webhook yet: see "webhook add --help"' },
});

function statusSentence({ webhook: name, status, waiting }: WebhookView): string {
  const count = waiting >= MOST_COUNTED ? `${MOST_COUNTED} or more` : waiting;
  return `${name} is ${status}, ${waiting === 1 ? '1 event waits' : `${count} events wait`}`;
}

const pause = operation({
  name: 'webhook pause',
  help: "let a webhook's events wait; none is lost",
  example: 'webhook pause crm',
  roles: ['admin'],
  fields: fields({ webhook }),
  arguments: ['webhook'],
  refusals: ['webhook_not_found'],
  changes: 'at once',
  run: (acting, input) => setWebhookStatus(acting, input.webhook, 'paused'),
  answer: { kind: 'record', schema: WEBHOOK, facts: webhookFacts, says: statusSentence },
});

const resume = operation({
  name: 'webhook resume',
  help: 'tell a paused webhook what it has missed, and go on',
  example: 'webhook resume crm',
  roles: ['admin'],
  fields: fields({ webhook }),
  arguments: ['webhook'],
  refusals: ['webhook_not_found'],
  changes: 'at once',
  run: (acting, input) => setWebhookStatus(acting, input.webhook, 'active'),
  answer: { kind: 'record', schema: WEBHOOK, facts: webhookFacts, says: statusSentence },
});

const remove = operation({
  name: 'webhook remove',
  help: 'forget a webhook and what it was still to be told',
  example: 'webhook remove crm',
  roles: ['admin'],
  fields: fields({ webhook }),
  arguments: ['webhook'],
  refusals: ['webhook_not_found'],
  changes: 'in steps',
  run: async (acting, input) => ({ webhook: input.webhook, ...(await removeWebhook(acting, input.webhook)) }),
  answer: {
    kind: 'record',
    schema: factsOf('WebhookRemoved', {
      webhook: textFact(),
      waiting: wholeFact('deliveries that were still to come'),
      dead: wholeFact('deliveries that had been given up'),
    }),
    facts: removed => ({ ...removed }),
    says: ({ webhook: name, waiting, dead }) =>
      `${name} is removed, with ${waiting} waiting and ${dead} dead deliveries`,
  },
});

const DEAD_DELIVERY = factsOf('DeadDelivery', {
  ended_at: instantFact('when it was given up'),
  webhook: textFact(),
  event_id: textFact(),
  kind: textFact('of the event'),
  accountcode: textFact('of the event'),
  uniqueid: orNull(textFact('the call; null if it is about the whole account')),
  attempts: wholeFact('tries that were begun'),
  last_status: orNull(wholeFact('HTTP status of the last try; null if there was no answer')),
  last_error: textFact('what was wrong with the last try'),
});

const deadFacts = (view: DeadView): Static<typeof DEAD_DELIVERY> => ({
  ended_at: view.endedAt,
  webhook: view.webhook,
  event_id: view.eventId,
  kind: view.kind,
  accountcode: view.accountcode,
  uniqueid: view.uniqueid,
  attempts: view.attempts,
  last_status: view.lastStatus,
  last_error: view.lastError,
});

const dead = operation({
  name: 'webhook dead',
  help: 'deliveries that were given up, the last first',
  example: 'webhook dead --webhook crm',
  roles: ['read', 'support', 'admin'],
  fields: fields({ webhook: Type.Optional(webhook), ...PAGE, ...keyedBy(DEAD_ORDER) }),
  arguments: [],
  refusals: ['webhook_not_found'],
  run: ({ database }, { webhook: name, ...page }) => listDead(database, name, keyedRowsOf(DEAD_ORDER, page)),
  answer: { kind: 'list', schema: DEAD_DELIVERY, facts: deadFacts, none: 'nothing was given up' },
});

const DELIVERY = factsOf('Delivery', {
  webhook: textFact(),
  event_id: textFact(),
  kind: textFact('of the event'),
  accountcode: textFact('of the event'),
  uniqueid: orNull(textFact('the call; null if it is about the whole account')),
  created_at: instantFact('of the event'),
  state: wordFact(DELIVERY_STATES, 'dead: given up, until an operator retries it'),
  attempts: wholeFact('tries that were begun'),
  next_at: orNull(instantFact('not to be tried before; null if it has ended')),
  last_status: orNull(wholeFact('HTTP status of the last try; null if there was no answer')),
  last_error: textFact('what was wrong with the last try; empty for nothing'),
  ended_at: orNull(instantFact('when it was delivered or given up; null while it waits')),
});

const deliveryFacts = (view: DeliveryView): Static<typeof DELIVERY> => ({
  webhook: view.webhook,
  event_id: view.eventId,
  kind: view.kind,
  accountcode: view.accountcode,
  uniqueid: view.uniqueid,
  created_at: view.createdAt,
  state: view.state,
  attempts: view.attempts,
  next_at: view.nextAt,
  last_status: view.lastStatus,
  last_error: view.lastError,
  ended_at: view.endedAt,
});

const deliveryLine = (view: DeliveryView): Facts => {
  const { webhook: _, created_at: __, ...line } = deliveryFacts(view);
  return line;
};

const deliveries = operation({
  name: 'webhook deliveries',
  help: 'what became of the events for a webhook: the newest event first; with --state those that are tried next first, or that ended last',
  example: 'webhook deliveries crm --state waiting',
  roles: ['read', 'support', 'admin'],
  fields: fields({
    webhook,
    state: Type.Optional(
      oneOf(DELIVERY_STATES, {
        description: 'only those that wait, were delivered or were given up',
        unit: 'state',
        example: 'waiting',
      }),
    ),
    ...PAGE,
    ...keyedBy(...DELIVERY_ORDERS),
  }),
  arguments: ['webhook'],
  refusals: ['webhook_not_found'],
  run: ({ database }, { webhook: name, state, ...page }) =>
    listDeliveries(
      database,
      { webhook: name, ...(state !== undefined && { state }) },
      keyedRowsOf(deliveryOrder(state), page),
    ),
  answer: {
    kind: 'list',
    schema: DELIVERY,
    facts: deliveryFacts,
    line: deliveryLine,
    none: 'no delivery: events that happen from now on come here',
  },
});

const retry = operation({
  name: 'webhook retry',
  help: 'let dead deliveries be tried again; with --all also try now what would be tried in more than a minute',
  example: 'webhook retry crm 4711 4712, or: ringfence webhook retry crm --all',
  roles: ['support', 'admin'],
  fields: fields({
    webhook: Type.Optional(webhook),
    event_id: Type.Optional(
      listField<string>(Type.String(), () => undefined, {
        description: 'the numbers of the events, as "webhook dead" lists them',
        unit: 'event_id',
        example: ['4711', '4712'],
      }),
    ),
    all: Type.Optional(flag('all of this webhook; without a name, of every webhook')),
  }),
  arguments: ['webhook', 'event_id'],
  refusals: ['webhook_not_found', 'delivery_not_found'],
  changes: 'in steps',
  run: async (acting, { webhook: name, event_id: ids = [], all = false }) => {
    if (all ? ids.length > 0 : name === undefined || ids.length === 0) {
      throw new Refused('field_invalid', 'name a webhook and its events, or --all: see "webhook retry --help"');
    }
    const retried = all ? await retryAll(acting, name) : await retryDeliveries(acting, name as string, ids);
    return { webhook: name ?? null, retried };
  },
  answer: {
    kind: 'record',
    schema: factsOf('DeliveriesRetried', {
      webhook: orNull(textFact('null for every webhook')),
      retried: wholeFact('how many are tried again'),
    }),
    facts: result => ({ ...result }),
    says: ({ retried }) => triedAgain(retried),
  },
});

function triedAgain(deliveries: number): string {
  if (deliveries === 0) return 'nothing was dead, and nothing waits for more than a minute';
  return deliveries === 1 ? '1 delivery is tried again' : `${deliveries} deliveries are tried again`;
}

export const EVENT = factsOf('Event', {
  created_at: instantFact(),
  event_id: textFact('order of writing, with gaps'),
  kind: textFact('authorised, answered, settled and so on: docs/events.md'),
  accountcode: textFact('the account that it is about'),
  uniqueid: orNull(textFact('the call; null if it is about the whole account')),
  facts: anyFacts('what changed, by its kind: amounts as decimal texts, times as ISO 8601 in UTC'),
  actor: textFact('who made the change; empty for what a call itself caused'),
  dispatched: flagFact('whether it was handed to every webhook that wants it'),
});

export const eventFacts = (view: EventView): Static<typeof EVENT> => ({
  created_at: view.createdAt,
  event_id: view.eventId,
  kind: view.kind,
  accountcode: view.accountcode,
  uniqueid: view.uniqueid,
  facts: view.facts,
  actor: view.actor,
  dispatched: view.dispatched,
});

const eventList = operation({
  name: 'event list',
  help: `events, the newest first; --kind chooses among the newest ${MOST_ROWS} events that --account, --from and --to leave`,
  example: 'event list --account alice --kind low_balance',
  roles: ['read', 'support', 'admin'],
  fields: fields({
    account: Type.Optional(ofAccount('events')),
    kind: Type.Optional(
      textBy((field, text) => kindField(field, text), {
        description: 'only events of this kind: docs/events.md',
        unit: 'kind',
        example: 'settled',
      }),
    ),
    uniqueid: Type.Optional(
      textBy((field, text) => textField(field, text, 150, 1), {
        description: 'only events of this call',
        unit: 'uniqueid',
        example: 'ast1-1767225600.42',
      }),
    ),
    ...between('events that were written'),
    ...PAGE,
    ...keyedBy(EVENTS_ORDER),
  }),
  arguments: [],
  refusals: [],
  run: ({ database, visible }, { account, kind, uniqueid, from, to, ...page }) =>
    listEvents(
      database,
      visible,
      { accountcode: account, ...(kind !== undefined && { kinds: [kind] }), uniqueid, ...betweenOf({ from, to }) },
      keyedRowsOf(EVENTS_ORDER, page),
    ),
  answer: { kind: 'list', schema: EVENT, facts: eventFacts, none: 'no event' },
});

function kindField(field: string, text: string): void {
  if (!isKind(text)) throw invalid(field, text, KNOWN_KINDS);
}

const eventPrune = operation({
  name: 'event prune',
  help: 'delete events and ended deliveries of an age, as the service does by RINGFENCE_EVENT_DAYS; what still waits stays',
  example: 'event prune --days 30',
  roles: ['admin'],
  fields: fields({
    days: whole(1, 3_650, { description: 'how old they have to be', unit: 'days', example: 30 }),
  }),
  arguments: [],
  refusals: [],
  changes: 'in steps',
  run: (acting, input) => pruneAll(acting, input.days),
  answer: {
    kind: 'record',
    schema: factsOf('EventsPruned', {
      events: wholeFact('how many are deleted'),
      deliveries: wholeFact('how many ended deliveries are deleted'),
    }),
    facts: pruned => ({ ...pruned }),
    says: ({ events, deliveries }) => `${events} events and ${deliveries} deliveries are deleted`,
  },
});

export const WEBHOOK_OPERATIONS = [
  add,
  test,
  list,
  pause,
  resume,
  remove,
  dead,
  deliveries,
  retry,
  eventList,
  eventPrune,
];
