import type { Command } from 'commander';
import { DateTime } from 'luxon';
import { type AccountView, type EntryView, listAccounts, listEntries } from '../accounts/account-store';
import {
  type AccountSettings,
  accountNamed,
  createAccount,
  setAccount,
  setAccountStatus,
} from '../accounts/manage-account';
import { type MoneyRequest, moveMoney } from '../accounts/move-money';
import { formatAmount } from '../money/micros';
import { invalid } from '../operator/fields';
import { addCommand, addPaging, pageOf, unlessNone, withDatabase, wordsOf } from './command';
import { type Facts, plainJson, recordText, tableText } from './table';
import { printable, type Terminal } from './terminal';

/** The account's fields as options give them. */
interface FieldOptions {
  deck?: string;
  creditLimit?: string;
  maxChannels?: string;
  maxCallSeconds?: string;
  barredPrefixes?: string;
  expiresAt?: string;
  timeZone?: string;
}

export function addAccountCommands(program: Command, terminal: Terminal): void {
  const account = program.command('account').description('accounts: who pays');
  addCreate(account, terminal);
  addSet(account, terminal);
  addLook(account, terminal);
  addMoney(account, terminal);
}

const addFields = (command: Command): Command =>
  command
    .option('--credit-limit <amount>', 'how far below zero calls may take the balance')
    .option('--max-channels <calls>', 'most calls at once, ringing ones counted; none for no limit')
    .option('--max-call-seconds <seconds>', "longest call; none for the service's own limit")
    .option('--barred-prefixes <prefixes>', 'digits it may not dial, separated by commas; or none')
    .option('--expires-at <time>', 'no call starts from then on, such as 2026-12-31T18:00 in your zone (TZ); or none')
    .option('--time-zone <zone>', 'decides on which day a rate is valid, such as Europe/Berlin');

function addCreate(account: Command, terminal: Terminal): void {
  addFields(
    addCommand(
      account,
      'create <accountcode>',
      'open an account; its first balance is a top-up with the reference "opening"',
      'account create alice --deck retail --balance 1.00 --max-channels 2',
    )
      .requiredOption('--deck <deck>', 'the deck that its calls are rated with')
      .option('--balance <amount>', 'what it opens with', '0')
      .option('--currency <code>', "the deck's currency, to be sure of it"),
  ).action(
    withDatabase(
      terminal,
      async (
        { database, print },
        accountcode: string,
        options: FieldOptions & { deck: string; balance: string; currency?: string },
      ) => {
        const { deck, balance, currency } = options;
        print.record(
          accountFacts(await createAccount(database, { ...fieldsOf(options), accountcode, deck, balance, currency })),
        );
      },
    ),
  );
}

function addSet(account: Command, terminal: Terminal): void {
  addFields(
    addCommand(
      account,
      'set <accountcode>',
      'change what is given and nothing else; calls in progress keep what they were granted',
      'account set alice --credit-limit 5 --max-call-seconds none',
    ).option('--deck <deck>', "a deck in the account's currency"),
  ).action(
    withDatabase(terminal, async ({ database, print }, accountcode: string, options: FieldOptions) => {
      print.record(accountFacts(await setAccount(database, accountcode, fieldsOf(options))));
    }),
  );
  for (const [name, status, meaning] of [
    ['block', 'blocked', 'let an account start no more calls; those in progress go on'],
    ['unblock', 'active', 'let a blocked account start calls again'],
  ] as const) {
    addCommand(account, `${name} <accountcode>`, meaning, `account ${name} alice`).action(
      withDatabase(terminal, async ({ database, print }, accountcode: string) => {
        const changed = accountFacts(await setAccountStatus(database, accountcode, status));
        print.done(`${printable(accountcode)} is ${status}`, changed);
      }),
    );
  }
}

function addLook(account: Command, terminal: Terminal): void {
  addPaging(addCommand(account, 'list', 'accounts in the order of their codes', 'account list --limit 50')).action(
    withDatabase(terminal, async ({ database, print }, options: { limit: string; page: string }) => {
      const request = pageOf(options);
      const { items, total } = await listAccounts(database, request);
      const facts = print.json ? accountFacts : accountLine;
      print.list({ items: items.map(facts), total }, request, 'no account yet: see "account create --help"');
    }),
  );
  addPaging(
    addCommand(
      account,
      'show <accountcode>',
      'an account and its movements of money, the newest first',
      'account show alice --limit 5',
    ),
  ).action(
    withDatabase(
      terminal,
      async ({ database, print }, accountcode: string, options: { limit: string; page: string }) => {
        const request = pageOf(options);
        const facts = accountFacts(await accountNamed(database, accountcode));
        const { items, total } = await listEntries(database, accountcode, request);
        const entries = items.map(entryFacts);
        if (print.json) {
          terminal.out(`${plainJson({ ...facts, entries, entries_total: total })}\n`);
          return;
        }
        terminal.out(recordText(facts));
        if (entries.length > 0) terminal.out(`\n${tableText(entries)}`);
        const more = total - request.offset - items.length;
        if (more > 0) terminal.out(`${more} older: --page ${request.offset / request.limit + 2}\n`);
      },
    ),
  );
}

function addMoney(account: Command, terminal: Terminal): void {
  for (const [name, kind, meaning, example] of [
    ['topup', 'top_up', 'add what was paid', 'account topup alice 20.00 --reference invoice-17'],
    ['refund', 'refund', 'give money back for a call or a fault', 'account refund alice 0.50 --reference ticket-9'],
    ['adjust', 'adjustment', 'correct a balance, up or down', 'account adjust alice -0.25 --reference fix-3'],
  ] as const) {
    const command = addCommand(
      account,
      `${name} <accountcode> <amount>`,
      `${meaning}; once for each reference`,
      `${example} --reason "why"`,
    )
      .requiredOption('--reference <reference>', 'your own name of the cause: the same again moves nothing')
      .option('--reason <text>', 'why, for people', '');
    if (kind === 'adjustment') {
      command.option('--overdraw', 'take more than is available, though calls in progress count on it');
    }
    command.action(
      withDatabase(
        terminal,
        async (
          { database, print },
          accountcode: string,
          amount: string,
          options: Pick<MoneyRequest, 'reference' | 'reason' | 'overdraw'>,
        ) => {
          const { reference, reason, overdraw } = options;
          const result = await moveMoney(database, { accountcode, kind, amount, reference, reason, overdraw });
          const now = `balance ${formatAmount(result.balance)}, available ${formatAmount(result.available)}`;
          const what = result.moved
            ? `${kind} of ${formatAmount(result.amount)} to ${printable(accountcode)}`
            : `${printable(reference)} moved ${formatAmount(result.amount)} before, nothing done`;
          print.done(`${what}: ${now}`, { ...result });
        },
      ),
    );
  }
}

function fieldsOf(options: FieldOptions): AccountSettings {
  const { deck, creditLimit, maxChannels, maxCallSeconds, barredPrefixes, expiresAt, timeZone } = options;
  return {
    deck,
    creditLimit,
    maxChannels: unlessNone(maxChannels, text => text),
    maxCallSeconds: unlessNone(maxCallSeconds, text => text),
    barredPrefixes: unlessNone(barredPrefixes, wordsOf),
    expiresAt: unlessNone(expiresAt, text => instantOf('expires_at', text)),
    timeZone,
  };
}

/** The instant of an ISO 8601 text, in the reader's zone (TZ) where it names none; ms since 1970. */
export function instantOf(field: string, text: string): number {
  const time = DateTime.fromISO(text);
  if (!time.isValid) throw invalid(field, text, 'is not a time: write 2026-12-31T18:00 or 2026-12-31T18:00:00Z');
  return time.toMillis();
}

function accountFacts(view: AccountView): Facts {
  return {
    accountcode: view.accountcode,
    status: view.status,
    currency: view.currency,
    balance: view.balance,
    credit_limit: view.creditLimit,
    reserved: view.reserved,
    available: view.available,
    active_calls: view.activeCalls,
    max_channels: view.maxChannels,
    max_call_seconds: view.maxCallSeconds,
    barred_prefixes: view.barredPrefixes,
    deck: view.deck,
    time_zone: view.timeZone,
    expires_at: view.expiresAt,
    created_at: view.createdAt,
  };
}

/** What of an account fits on one line. */
const accountLine = (view: AccountView): Facts => ({
  accountcode: view.accountcode,
  status: view.status,
  currency: view.currency,
  balance: view.balance,
  credit_limit: view.creditLimit,
  reserved: view.reserved,
  available: view.available,
  active_calls: view.activeCalls,
  deck: view.deck,
});

const entryFacts = (view: EntryView): Facts => ({
  created_at: view.createdAt,
  kind: view.kind,
  amount: view.amount,
  balance_after: view.balanceAfter,
  reference: view.reference,
  reason: view.reason,
});
