/** What an operator may do with vouchers. */
import { type Static, Type } from 'typebox';
import { listVoucherBatches } from '../cards/batches';
import { isCode } from '../cards/codes';
import { ACTOR_LIMITS, ACTORS, PinGuard } from '../cards/pin-guard';
import {
  generateVouchers,
  hashesOfVoucher,
  listVouchers,
  type Redeemed,
  redeemVoucher,
  switchVouchers,
  VOUCHER_STATUSES,
  VOUCHERS_ORDER,
  type VoucherView,
  voucherNumbered,
  vouchersOf,
  voucherValueField,
} from '../cards/vouchers';
import { formatAmount } from '../money/micros';
import type { OperatorRequest } from '../operator/acting';
import {
  amountFact,
  factsOf,
  instantFact,
  listFact,
  orNull,
  textFact,
  wholeFact,
  wordFact,
} from '../operator/answer-schema';
import { keyedBy } from '../operator/cursor';
import { currencyField } from '../operator/fields';
import { type Admitted, fields, keyedRowsOf, operation, PAGE, rowsOf } from '../operator/operation';
import type { OperatorRefusal } from '../operator/operator-refusal';
import { oneOf, secretBy, textBy } from '../operator/schema';
import { AVAILABLE_FACT, accountcode, CURRENCY_FACT } from './account-operations';
import {
  BATCH_FACTS,
  batchFacts,
  batchOf,
  codeDigits,
  countOf,
  expiryMs,
  expiryOf,
  ISSUED_FACTS,
  issuedFacts,
  issuing,
  newBatch,
  SPAN,
  serialOf,
  switchedTo,
} from './batch-fields';

const generate = operation({
  name: 'voucher generate',
  help: 'make a batch of vouchers, which can do nothing until they are activated; shows their codes, this once',
  example: 'voucher generate --batch top-10 --count 500 --value 10.00 --currency EUR --out top-10.csv',
  roles: ['admin'],
  fields: fields({
    batch: newBatch,
    count: countOf('vouchers'),
    value: textBy((_, text) => voucherValueField(text), {
      description: 'what each adds',
      unit: 'amount',
      example: '10.00',
    }),
    currency: textBy((_, text) => currencyField(text), {
      description: 'of the value; the account has to have the same',
      unit: 'code',
      example: 'EUR',
    }),
    code_digits: Type.Optional(codeDigits),
    expires: Type.Optional(expiryOf('not redeemed from then on')),
  }),
  arguments: [],
  refusals: ['batch_exists', 'pin_key_missing'],
  changes: 'in steps',
  showsSecret: true,
  run: async (request, { code_digits: digits, expires, ...vouchers }) => ({
    batch: vouchers.batch,
    issued: await generateVouchers(request, { ...vouchers, digits, expiresAt: expiryMs(expires) }, issuing(request)),
  }),
  answer: {
    kind: 'record',
    schema: factsOf('VouchersIssued', {
      ...ISSUED_FACTS,
      vouchers: listFact(factsOf('IssuedVoucher', { serial: wholeFact(), code: textFact() }), 'their codes, this once'),
    }),
    facts: batch => ({
      ...issuedFacts(batch),
      vouchers: batch.issued.map(({ serial, code }) => ({ serial, code })),
    }),
  },
});

const activate = operation({
  name: 'voucher activate',
  help: 'let vouchers be redeemed',
  example: 'voucher activate --batch top-10',
  roles: ['cashier', 'support', 'admin'],
  fields: fields(SPAN),
  arguments: [],
  refusals: ['batch_not_found', 'daily_limit_exceeded', 'more_than_at_once'],
  changes: 'in steps',
  run: (request, span) => switchVouchers(request, span, 'activate', request.onProgress),
  answer: switchedTo('active'),
});

const block = operation({
  name: 'voucher block',
  help: 'let vouchers that are not redeemed yet be redeemed no more',
  example: 'voucher block --batch top-10',
  roles: ['support', 'admin'],
  fields: fields(SPAN),
  arguments: [],
  refusals: ['batch_not_found'],
  changes: 'in steps',
  run: (request, span) => switchVouchers(request, span, 'block', request.onProgress),
  answer: switchedTo('blocked'),
});

const unblock = operation({
  name: 'voucher unblock',
  help: 'let blocked vouchers be as they were before',
  example: 'voucher unblock --batch top-10',
  roles: ['support', 'admin'],
  fields: fields(SPAN),
  arguments: [],
  refusals: ['batch_not_found'],
  changes: 'in steps',
  run: (request, span) => switchVouchers(request, span, 'unblock', request.onProgress),
  answer: switchedTo('not blocked'),
});

function redeemedSentence({ serial, accountcode: code, amount, currency, balance, available }: Redeemed): string {
  const now = `balance ${formatAmount(balance)}, available ${formatAmount(available)}`;
  return `voucher ${serial} added ${formatAmount(amount)} ${currency} to ${code}: ${now}`;
}

/** Without what people write between them. */
const digitsOf = (code: string): string => code.replace(/[\s-]/g, '');

/** Counts the try of a key or person, until it is known that the code was right; and hashes the code. */
async function admittedToRedeem({ database, actor, service }: OperatorRequest, code: string): Promise<Admitted> {
  const nothing = { lent: {}, ended: async () => undefined };
  if (!isCode(code)) return nothing;
  const guard = new PinGuard(database, ACTOR_LIMITS, ACTORS);
  if ((await guard.begin(actor)) !== 'admitted') return { waitSeconds: ACTOR_LIMITS.lockSeconds };
  const ended = async (refusal: OperatorRefusal | null) => {
    if (refusal !== 'voucher_not_found') await guard.wasRight(actor);
  };
  try {
    const codeHashes = await hashesOfVoucher(service.pinKeys, code);
    return codeHashes ? { lent: { codeHashes }, ended } : nothing;
  } catch (error) {
    await ended(null);
    throw error;
  }
}

const redeem = operation({
  name: 'voucher redeem',
  help: "add a voucher's value to an account, once",
  example: 'voucher redeem alice --code-file - <<< 123456789012',
  roles: ['cashier', 'support', 'admin'],
  fields: fields({
    accountcode,
    // Any text is accepted: a mistyped code gets the same answer as an unknown one.
    code: secretBy(text => text, {
      description: "the voucher's code as it is printed",
      unit: 'code',
      example: '123456789012',
    }),
  }),
  arguments: ['accountcode'],
  refusals: [
    'voucher_not_found',
    'voucher_not_active',
    'voucher_redeemed',
    'voucher_expired',
    'currency_mismatch',
    'account_not_found',
    'account_is_pool',
    'account_closed',
    'balance_out_of_range',
    'reference_reused',
    'pin_key_missing',
  ],
  changes: 'at once',
  admit: (request, { code }) => admittedToRedeem(request, digitsOf(code)),
  run: ({ codeHashes: hashes, ...request }, { accountcode: of, code }) =>
    redeemVoucher(request, {
      accountcode: of,
      code: digitsOf(code),
      keys: request.service.pinKeys,
      ...(hashes && { hashes }),
    }),
  answer: {
    kind: 'record',
    schema: factsOf('VoucherRedeemed', {
      serial: wholeFact(),
      accountcode: textFact('the account that it was added to'),
      amount: amountFact('what it added'),
      currency: CURRENCY_FACT,
      balance: amountFact('as it is now'),
      available: AVAILABLE_FACT,
    }),
    facts: redeemed => ({ ...redeemed }),
    says: redeemedSentence,
  },
});

const VOUCHER = factsOf('Voucher', {
  serial: wholeFact(),
  batch: textFact(),
  status: wordFact(VOUCHER_STATUSES, 'only an active one can be redeemed; redeemed: its money is on an account'),
  value: amountFact('what it adds to an account'),
  currency: CURRENCY_FACT,
  expires_at: orNull(instantFact('not redeemed from then on; null for never')),
  accountcode: orNull(textFact('the account that it was added to; null until it is redeemed')),
  redeemed_at: orNull(instantFact()),
  activated_at: orNull(instantFact()),
  code_key: textFact('a print of the key that its code was hashed with'),
});

const voucherFacts = (view: VoucherView): Static<typeof VOUCHER> => ({
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

const list = operation({
  name: 'voucher list',
  help: 'vouchers in the order of their serials',
  example: 'voucher list --batch top-10 --status redeemed',
  roles: ['read', 'support', 'cashier', 'admin'],
  fields: fields({
    batch: Type.Optional(batchOf('only vouchers of this batch')),
    status: Type.Optional(
      oneOf(VOUCHER_STATUSES, {
        description: 'only generated, active, blocked or redeemed ones',
        unit: 'status',
        example: 'redeemed',
      }),
    ),
    ...PAGE,
    ...keyedBy(VOUCHERS_ORDER),
  }),
  arguments: [],
  refusals: [],
  run: ({ database }, { batch, status, ...page }) =>
    listVouchers(database, { batch, status }, keyedRowsOf(VOUCHERS_ORDER, page)),
  answer: { kind: 'list', schema: VOUCHER, facts: voucherFacts, none: 'no voucher: see "voucher generate --help"' },
});

const VOUCHER_BATCH = factsOf('VoucherBatch', {
  ...BATCH_FACTS,
  generated: wholeFact('how many cannot be redeemed yet'),
  active: wholeFact('how many can be redeemed'),
  blocked: wholeFact('how many are blocked'),
  redeemed: wholeFact('how many have added their value to an account'),
});

const batches = operation({
  name: 'voucher batches',
  help: 'batches of vouchers, the newest first, and how many of each are in which state',
  example: 'voucher batches',
  roles: ['read', 'support', 'cashier', 'admin'],
  fields: fields({ batch: Type.Optional(batchOf('only this batch')), ...PAGE }),
  arguments: [],
  refusals: [],
  run: ({ database }, { batch, ...page }) => listVoucherBatches(database, { batch }, rowsOf(page)),
  answer: {
    kind: 'list',
    schema: VOUCHER_BATCH,
    facts: (view): Static<typeof VOUCHER_BATCH> => ({
      ...batchFacts(view),
      generated: view.counts.generated ?? 0,
      active: view.counts.active ?? 0,
      blocked: view.counts.blocked ?? 0,
      redeemed: view.counts.redeemed ?? 0,
    }),
    none: 'no batch of vouchers: see "voucher generate --help"',
  },
});

const show = operation({
  name: 'voucher show',
  help: 'a voucher, without its code: no command shows that',
  example: 'voucher show 17',
  roles: ['read', 'support', 'cashier', 'admin'],
  fields: fields({ serial: serialOf('the serial of the voucher') }),
  arguments: ['serial'],
  refusals: ['voucher_not_found'],
  run: ({ database }, { serial }) => voucherNumbered(database, serial),
  answer: { kind: 'record', schema: VOUCHER, facts: voucherFacts },
});

const exportBatch = operation({
  name: 'voucher export',
  help: 'the vouchers of a batch as CSV, without codes, for a spreadsheet',
  example: 'voucher export --batch top-10 > top-10-vouchers.csv',
  roles: ['read', 'support', 'cashier', 'admin'],
  fields: fields({ batch: batchOf('the batch') }),
  arguments: [],
  refusals: ['batch_not_found'],
  run: ({ database }, { batch }) => vouchersOf(database, batch),
  answer: { kind: 'stream', schema: VOUCHER, facts: voucherFacts },
});

export const VOUCHER_OPERATIONS = [generate, activate, block, unblock, redeem, batches, list, show, exportBatch];
