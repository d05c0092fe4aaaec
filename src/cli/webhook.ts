import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { Refused } from '../operator/operator-refusal';
import { DEADLINE_MS } from '../webhooks/deliverer';
import {
  addWebhook,
  type DeadView,
  type EventView,
  listDead,
  listEvents,
  listWebhooks,
  removeWebhook,
  retryAll,
  retryDeliveries,
  setWebhookStatus,
  testWebhook,
  type WebhookView,
} from '../webhooks/webhook-store';
import { addCommand, addPaging, pageOf, withDatabase, wordsOf } from './command';
import type { Facts } from './table';
import { printable, type Terminal } from './terminal';

interface Paging {
  limit: string;
  page: string;
}

export function addEventCommands(program: Command, terminal: Terminal): void {
  const event = program.command('event').description('what changed: events as webhooks are told them');
  addPaging(addCommand(event, 'list', 'events, the newest first', 'event list --account alice --kind low_balance'))
    .option('--account <accountcode>', 'only events of this account')
    .option('--kind <kind>', 'only events of this kind, such as settled')
    .option('--uniqueid <uniqueid>', 'only events of this call')
    .action(
      withDatabase(
        terminal,
        async ({ database, print }, options: Paging & { account?: string; kind?: string; uniqueid?: string }) => {
          const request = pageOf(options);
          const { account: accountcode, kind, uniqueid } = options;
          const { items, total } = await listEvents(database, { accountcode, kind, uniqueid }, request);
          print.list({ items: items.map(eventFacts), total }, request, 'no event');
        },
      ),
    );
}

export function addWebhookCommands(program: Command, terminal: Terminal): void {
  const webhook = program.command('webhook').description('webhooks: who is told of events');
  addAdd(webhook, terminal);
  addPaging(addCommand(webhook, 'list', 'webhooks in the order of their names', 'webhook list')).action(
    withDatabase(terminal, async ({ database, print }, options: Paging) => {
      const request = pageOf(options);
      const { items, total } = await listWebhooks(database, request);
      print.list({ items: items.map(webhookFacts), total }, request, 'no webhook yet: see "webhook add --help"');
    }),
  );
  addChanges(webhook, terminal);
  addTest(webhook, terminal);
  addDead(webhook, terminal);
}

function addAdd(webhook: Command, terminal: Terminal): void {
  addCommand(
    webhook,
    'add <webhook>',
    'tell a URL of every change from now on; prints the secret of its signatures, this once',
    'webhook add crm --url https://crm.example/ringfence --kinds low_balance,blocked',
  )
    .requiredOption('--url <url>', 'where events are posted to; private and loopback hosts: RINGFENCE_WEBHOOK_ALLOW')
    .option('--kinds <kinds>', 'only these kinds, separated by commas; docs/events.md lists them')
    .option('--account <accountcode>', 'only events of this account, which need not exist yet')
    .option('--secret-file <path>', 'a file with a secret of your own, - for standard input; it is not printed then')
    .action(
      withDatabase(
        terminal,
        async (
          { database, settings, print },
          name: string,
          options: { url: string; kinds?: string; account?: string; secretFile?: string },
        ) => {
          const { url, kinds, account, secretFile } = options;
          const given = secretFile === undefined ? undefined : secretIn(secretFile, terminal);
          const { view, secret } = await addWebhook(
            database,
            {
              webhook: name,
              url,
              secret: given,
              kinds: kinds === undefined ? null : wordsOf(kinds),
              accountcode: account,
            },
            settings.webhookAllow,
          );
          print.record({ ...webhookFacts(view), ...(given === undefined ? { secret } : {}) });
        },
      ),
    );
}

/** What a file holds, or standard input. Not an option's value: that would be seen in the list of processes. */
function secretIn(path: string, terminal: Terminal): string {
  try {
    return path === '-' ? terminal.input() : readFileSync(path, 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new Refused('file_invalid', `secret_file ${JSON.stringify(path)} cannot be read (${why}): correct the path`);
  }
}

function addChanges(webhook: Command, terminal: Terminal): void {
  for (const [name, status, meaning] of [
    ['pause', 'paused', "let a webhook's events wait; none is lost"],
    ['resume', 'active', 'tell a paused webhook what it has missed, and go on'],
  ] as const) {
    addCommand(webhook, `${name} <webhook>`, meaning, `webhook ${name} crm`).action(
      withDatabase(terminal, async ({ database, print }, webhookName: string) => {
        const view = await setWebhookStatus(database, webhookName, status);
        const waiting = view.waiting === 1 ? '1 event waits' : `${view.waiting} events wait`;
        print.done(`${printable(webhookName)} is ${view.status}, ${waiting}`, webhookFacts(view));
      }),
    );
  }
  addCommand(
    webhook,
    'remove <webhook>',
    'forget a webhook and what it was still to be told',
    'webhook remove crm',
  ).action(
    withDatabase(terminal, async ({ database, print }, name: string) => {
      const { waiting, dead } = await removeWebhook(database, name);
      const what = `${printable(name)} is removed, with ${waiting} waiting and ${dead} dead deliveries`;
      print.done(what, { webhook: name, waiting, dead });
    }),
  );
}

function addTest(webhook: Command, terminal: Terminal): void {
  addCommand(
    webhook,
    'test <webhook>',
    'post an event of kind "test" from here, once, and say what the receiver answered; exits 1 if it did not take it',
    'webhook test crm',
  ).action(
    withDatabase(terminal, async ({ database, settings, print }, name: string) => {
      const { status, error } = await testWebhook(database, name, settings.webhookAllow, DEADLINE_MS);
      if (error !== '') throw new Error(`webhook ${JSON.stringify(name)} did not take it: ${error}`);
      print.done(`${printable(name)} took it: HTTP ${status}`, { webhook: name, status });
    }),
  );
}

function addDead(webhook: Command, terminal: Terminal): void {
  addPaging(addCommand(webhook, 'dead', 'deliveries that were given up, the last first', 'webhook dead --webhook crm'))
    .option('--webhook <webhook>', 'only those of this webhook')
    .action(
      withDatabase(terminal, async ({ database, print }, options: Paging & { webhook?: string }) => {
        const request = pageOf(options);
        const { items, total } = await listDead(database, options.webhook, request);
        print.list({ items: items.map(deadFacts), total }, request, 'nothing was given up');
      }),
    );
  addCommand(
    webhook,
    'retry [webhook] [event_id...]',
    'let dead deliveries be tried again; with --all also try now what would be tried in more than a minute',
    'webhook retry crm 4711 4712, or: ringfence webhook retry crm --all',
  )
    .option('--all', 'all of this webhook; without a name, of every webhook')
    .action(
      withDatabase(
        terminal,
        async ({ database, print }, name: string | undefined, eventIds: string[], options: { all?: boolean }) => {
          const all = options.all === true;
          if (all ? eventIds.length > 0 : name === undefined || eventIds.length === 0) {
            throw new Refused('field_invalid', 'name a webhook and its events, or --all: see "webhook retry --help"');
          }
          const retried = all
            ? await retryAll(database, name)
            : await retryDeliveries(database, name as string, eventIds);
          print.done(triedAgain(retried), { webhook: name ?? null, retried });
        },
      ),
    );
}

function triedAgain(deliveries: number): string {
  if (deliveries === 0) return 'nothing was dead, and nothing waits for more than a minute';
  return deliveries === 1 ? '1 delivery is tried again' : `${deliveries} deliveries are tried again`;
}

const webhookFacts = (view: WebhookView): Facts => ({
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

const deadFacts = (view: DeadView): Facts => ({
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

const eventFacts = (view: EventView): Facts => ({
  created_at: view.createdAt,
  event_id: view.eventId,
  kind: view.kind,
  accountcode: view.accountcode,
  uniqueid: view.uniqueid,
  facts: view.facts,
  dispatched: view.dispatched,
});
