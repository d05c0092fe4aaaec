import type { Command } from 'commander';
import { DateTime } from 'luxon';
import { type AccountView, listAccounts, statusNow } from '../accounts/account-store';
import { type AccountSettings, accountNamed, createAccount, setAccount } from '../accounts/manage-account';
import { type MoneyRequest, moveMoney } from '../accounts/move-money';
import { formatAmount } from '../money/micros';
import { invalid } from '../operator/fields';
import { Refused } from '../operator/operator-refusal';
import { addCommand, addPaging, pageOf, unlessNone, withDatabase, wordsOf } from './command';
import { addCallsOfAccount } from './during-calls';
import { printWithEntries } from './ledger-entries';
import type { Facts } from './table';
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
  mode?: string;
  sliceSeconds?: string;
  maxTime?: string;
  maxCallsPerSecond?: string;
  warnSeconds?: string;
  warnRepeatSeconds?: string;
  warnSound?: string;
  announce?: string;
  lowBalance?: string;
}

export function addAccountCommands(program: Command, terminal: Terminal): void {
  const account = program.command('account').description('accounts: who pays');
  addCreate(account, terminal);
  addSet(account, terminal);
  addCallsOfAccount(account, terminal);
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
    .option('--time-zone <zone>', 'decides on which day a rate is valid, such as Europe/Berlin')
    .option('--mode <mode>', 'strict: a call reserves its longest talk; shared: a slice at a time')
    .option(
      '--slice-seconds <seconds>',
      'talk that a call of mode shared reserves at a time; 10 to 3600, 60 if never set',
    )
    .option('--max-time <seconds>', 'most talk of all calls that overlap, together; or none')
    .option('--max-calls-per-second <calls>', 'most calls that start in one second; or none')
    .option('--warn-seconds <seconds>', 'when the caller is warned before the cut, such as 60,20; or none')
    .option('--warn-repeat-seconds <seconds>', 'after the first warning, one more every so many seconds; or none')
    .option('--warn-sound <sound>', "say (the time left) or a sound such as sound:beep; default for the service's own")
    .option('--announce <what>', 'what the caller hears before the call: balance, time or balance,time; or none')
    .option('--low-balance <amount>', 'an event tells when the balance is below; or none');

function addCreate(account: Command, terminal: Terminal): void {
  addFields(
    addCommand(
      account,
      'create <accountcode>',
      'open an account; its first balance is a top-up with the reference "opening"',
      'account create alice --deck retail --balance 1.00 --mode shared --max-channels 2',
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
      'change what is given and nothing else; calls in progress keep their price, strict ones also what they were granted, and more money extends them',
      'account set alice --mode shared --low-balance 2.00 --max-call-seconds none',
    ).option('--deck <deck>', "a deck in the account's currency"),
  ).action(
    withDatabase(terminal, async ({ database, print }, accountcode: string, options: FieldOptions) => {
      print.record(accountFacts(await setAccount(database, accountcode, fieldsOf(options))));
    }),
  );
}

function addLook(account: Command, terminal: Terminal): void {
  addPaging(addCommand(account, 'list', 'accounts in the order of their codes', 'account list --limit 50')).action(
    withDatabase(terminal, async ({ database, print }, options: { limit: string; page: string }) => {
      const request = pageOf(options);
      const { items, total } = await listAccounts(database, { kind: 'account' }, request);
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
        const account = await accountNamed(database, accountcode);
        await printWithEntries({ database, print, terminal }, accountFacts(account), accountcode, request);
      },
    ),
  );
}

function addMoney(account: Command, terminal: Terminal): void {
  for (const [name, kind, meaning, example] of [
    ['topup', 'top_up', 'add what was paid', 'account topup alice 20.00 --reference invoice-17'],
    [
      'refund',
      'refund',
      'give money back for a fault, or with --call for a call, at most what it cost',
      'account refund alice 0.50 --call ast1-1767225600.42',
    ],
    ['adjust', 'adjustment', 'correct a balance, up or down', 'account adjust alice -0.25 --reference fix-3'],
  ] as const) {
    const command = addCommand(
      account,
      `${name} <accountcode> <amount>`,
      `${meaning}; once for each reference`,
      `${example} --reason "why"`,
    ).option('--reason <text>', 'why, for people', '');
    const itsName = 'your own name of the cause: the same again moves nothing';
    if (kind === 'refund') {
      command.option('--reference <reference>', itsName);
      command.option(
        '--call <uniqueid>',
        'the call that is refunded, in place of --reference: at most what it was charged',
      );
    } else {
      command.requiredOption('--reference <reference>', itsName);
    }
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
          options: Pick<MoneyRequest, 'reason' | 'overdraw'> & { reference?: string; call?: string },
        ) => {
          const { reason, overdraw, call } = options;
          const reference = causeOf(options);
          const movement = { accountcode, kind, amount, reference, ofCall: call !== undefined, reason, overdraw };
          const result = await moveMoney(database, movement);
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

/** The reference of a movement: of a refund one of two options. @throws Refused field_invalid without one, or with both. */
function causeOf({ reference, call }: { reference?: string; call?: string }): string {
  const [given, ...more] = [reference, call].filter(cause => cause !== undefined);
  if (given !== undefined && more.length === 0) return given;
  throw new Refused('field_invalid', 'a refund has one cause: give either --reference or --call');
}

function fieldsOf(options: FieldOptions): AccountSettings {
  const { deck, creditLimit, maxChannels, maxCallSeconds, barredPrefixes, expiresAt, timeZone } = options;
  const { mode, sliceSeconds, maxTime, maxCallsPerSecond, warnSeconds, warnRepeatSeconds } = options;
  const { warnSound, announce, lowBalance } = options;
  return {
    deck,
    creditLimit,
    maxChannels: unlessNone(maxChannels, text => text),
    maxCallSeconds: unlessNone(maxCallSeconds, text => text),
    barredPrefixes: unlessNone(barredPrefixes, wordsOf),
    expiresAt: unlessNone(expiresAt, text => instantOf('expires_at', text)),
    timeZone,
    mode,
    sliceSeconds,
    maxTime: unlessNone(maxTime, text => text),
    maxCallsPerSecond: unlessNone(maxCallsPerSecond, text => text),
    warnSeconds: unlessNone(warnSeconds, wordsOf),
    warnRepeatSeconds: unlessNone(warnRepeatSeconds, text => text),
    warnSound,
    announce: unlessNone(announce, wordsOf),
    lowBalance: unlessNone(lowBalance, text => text),
  };
}

/** The instant of an ISO 8601 text, in the reader's zone (TZ) where it names none; ms since 1970. */
export function instantOf(field: string, text: string): number {
  const time = DateTime.fromISO(text);
  if (!time.isValid) throw invalid(field, text, 'is not a time: write 2026-12-31T18:00 or 2026-12-31T18:00:00Z');
  return time.toMillis();
}

export function accountFacts(view: AccountView): Facts {
  return {
    accountcode: view.accountcode,
    kind: view.kind,
    status: statusNow(view),
    mode: view.terms.mode,
    currency: view.currency,
    balance: view.balance,
    credit_limit: view.creditLimit,
    reserved: view.reserved,
    available: view.available,
    active_calls: view.activeCalls,
    max_channels: view.maxChannels || null,
    max_call_seconds: view.maxCallSeconds,
    barred_prefixes: view.barredPrefixes,
    slice_seconds: view.terms.sliceSeconds,
    max_time: view.maxTime,
    time_used: view.timeUsed,
    max_calls_per_second: view.maxCallsPerSecond || null,
    warn_seconds: view.terms.warnSeconds.map(String),
    warn_repeat_seconds: view.terms.warnRepeatSeconds || null,
    warn_sound: view.terms.warnSound,
    announce: view.terms.announce,
    low_balance: view.lowBalance,
    deck: view.deck,
    time_zone: view.timeZone,
    expires_at: view.expiresAt,
    created_at: view.createdAt,
  };
}

/** What of an account fits on one line. */
const accountLine = (view: AccountView): Facts => ({
  accountcode: view.accountcode,
  status: statusNow(view),
  mode: view.terms.mode,
  currency: view.currency,
  balance: view.balance,
  credit_limit: view.creditLimit,
  reserved: view.reserved,
  available: view.available,
  active_calls: view.activeCalls,
  deck: view.deck,
});
