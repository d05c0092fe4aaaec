import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CODE_DIGITS } from '../cards/codes';
import {
  generateVouchers,
  listVouchers,
  redeemVoucher,
  switchVouchers,
  type VoucherView,
  vouchersOf,
} from '../cards/vouchers';
import { formatAmount } from '../money/micros';
import type { Facts } from '../operator/facts';
import { Refused } from '../operator/operator-refusal';
import { addSpan, exported, issue, type Paging, type SpanOptions, switched } from './batch-commands';
import { addCommand, addPaging, pageOf, withDatabase } from './command';
import { instantOf } from './instant';
import { printable, type Terminal } from './terminal';

export function addVoucherCommands(program: Command, terminal: Terminal): void {
  const voucher = program.command('voucher').description('vouchers: codes that add money to an account, once');
  addGenerate(voucher, terminal);
  addSwitches(voucher, terminal);
  addRedeem(voucher, terminal);
  addLook(voucher, terminal);
}

interface GenerateOptions {
  batch: string;
  count: string;
  value: string;
  currency: string;
  codeDigits: string;
  expires?: string;
  out?: string;
}

function addGenerate(voucher: Command, terminal: Terminal): void {
  addCommand(
    voucher,
    'generate',
    'make a batch of vouchers, which can do nothing until they are activated; prints their codes, this once',
    'voucher generate --batch top-10 --count 500 --value 10.00 --currency EUR --out top-10.csv',
  )
    .requiredOption('--batch <batch>', 'a new name for them')
    .requiredOption('--count <vouchers>', 'how many; 100,000 take some minutes')
    .requiredOption('--value <amount>', 'what each adds')
    .requiredOption('--currency <code>', 'of the value; the account has to have the same')
    .option('--code-digits <digits>', `${CODE_DIGITS.least} to ${CODE_DIGITS.most}`, String(CODE_DIGITS.usual))
    .option('--expires <time>', 'not redeemed from then on, such as 2026-12-31T18:00 in your zone (TZ)')
    .option('--out <file>', 'a new file for serials and codes that only you may read, instead of standard output')
    .action(
      withDatabase(terminal, async (context, options: GenerateOptions) => {
        const { batch, count, value, currency, codeDigits, expires, out } = options;
        const expiresAt = expires === undefined ? undefined : instantOf('expires', expires);
        const request = { batch, count, value, currency, digits: codeDigits, expiresAt };
        await issue(context, { batch, out, what: 'code', things: 'vouchers' }, issueOptions =>
          generateVouchers(context.acting, request, issueOptions),
        );
      }),
    );
}

function addSwitches(voucher: Command, terminal: Terminal): void {
  for (const [name, state, meaning] of [
    ['activate', 'active', 'let vouchers be redeemed'],
    ['block', 'blocked', 'let vouchers that are not redeemed yet be redeemed no more'],
    ['unblock', 'not blocked', 'let blocked vouchers be as they were before'],
  ] as const) {
    addSpan(addCommand(voucher, name, meaning, `voucher ${name} --batch top-10`)).action(
      withDatabase(terminal, async (context, options: SpanOptions) => {
        await switched(context, state, onProgress => switchVouchers(context.acting, options, name, onProgress));
      }),
    );
  }
}

function addRedeem(voucher: Command, terminal: Terminal): void {
  addCommand(
    voucher,
    'redeem <accountcode>',
    "add a voucher's value to an account, once",
    'voucher redeem alice --code-file - <<< 123456789012',
  )
    .requiredOption(
      '--code-file <path>',
      'a file with the code, - for standard input: an argument would be seen by others',
    )
    .action(
      withDatabase(
        terminal,
        async ({ acting, settings, print }, accountcode: string, { codeFile }: { codeFile: string }) => {
          const code = codeIn(codeFile, terminal).replace(/[\s-]/g, '');
          const redeemed = await redeemVoucher(acting, { code, accountcode, keys: settings.pinKeys });
          const { serial, amount, currency, balance, available } = redeemed;
          const now = `balance ${formatAmount(balance)}, available ${formatAmount(available)}`;
          const what = `voucher ${serial} added ${formatAmount(amount)} ${currency} to ${printable(accountcode)}`;
          print.done(`${what}: ${now}`, { ...redeemed });
        },
      ),
    );
}

/** @throws Refused file_invalid */
function codeIn(path: string, terminal: Terminal): string {
  try {
    return path === '-' ? terminal.input() : readFileSync(path, 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new Refused('file_invalid', `code_file ${JSON.stringify(path)} cannot be read (${why}): correct the path`);
  }
}

function addLook(voucher: Command, terminal: Terminal): void {
  addPaging(
    addCommand(
      voucher,
      'list',
      'vouchers in the order of their serials',
      'voucher list --batch top-10 --status redeemed',
    ),
  )
    .option('--batch <batch>', 'only vouchers of this batch')
    .option('--status <status>', 'only generated, active, blocked or redeemed ones')
    .action(
      withDatabase(terminal, async ({ database, print }, options: Paging & { batch?: string; status?: string }) => {
        const request = pageOf(options);
        const { items, total } = await listVouchers(database, options, request);
        print.list({ items: items.map(voucherFacts), total }, request, 'no voucher: see "voucher generate --help"');
      }),
    );
  addCommand(
    voucher,
    'export',
    'the vouchers of a batch as CSV, without codes, for a spreadsheet',
    'voucher export --batch top-10 > top-10-vouchers.csv',
  )
    .requiredOption('--batch <batch>', 'the batch')
    .action(
      withDatabase(terminal, async (context, { batch }: { batch: string }) => {
        await exported(context, vouchersOf(context.database, batch), { line: voucherFacts, facts: voucherFacts });
      }),
    );
}

const voucherFacts = (view: VoucherView): Facts => ({
  serial: view.serial,
  batch: view.batch,
  status: view.status,
  value: view.value,
  currency: view.currency,
  expires_at: view.expiresAt,
  accountcode: view.accountcode,
  redeemed_at: view.redeemedAt,
  activated_at: view.activatedAt,
  code_key: view.codeKey,
});
