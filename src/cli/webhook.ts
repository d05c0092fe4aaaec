import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { webhookFacts } from '../admin/webhook-operations';
import { Refused } from '../operator/operator-refusal';
import { DEADLINE_MS } from '../webhooks/deliverer';
import { addWebhook } from '../webhooks/webhook-store';
import { testWebhook } from '../webhooks/webhook-trial';
import { addCommand, withDatabase, wordsOf } from './command';
import { nounOf } from './derive';
import { printable, type Terminal } from './terminal';

export function addWebhookCommands(program: Command, terminal: Terminal): void {
  const webhook = nounOf(program, 'webhook');
  addAdd(webhook, terminal);
  addTest(webhook, terminal);
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
          { acting, settings, print },
          name: string,
          options: { url: string; kinds?: string; account?: string; secretFile?: string },
        ) => {
          const { url, kinds, account, secretFile } = options;
          const given = secretFile === undefined ? undefined : secretIn(secretFile, terminal);
          const { view, secret } = await addWebhook(
            acting,
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
