/** What an operator may do with calling cards. */
import { type Static, type TObject, Type } from 'typebox';
import { listCardBatches } from '../cards/batches';
import {
  activateCards,
  blockCards,
  CARD_STATUSES,
  CARDS_ORDER,
  type CardView,
  cardNumbered,
  cardsOf,
  generateCards,
  listCards,
} from '../cards/cards';
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
import { nameField } from '../operator/fields';
import { fields, keyedRowsOf, operation, PAGE, rowsOf } from '../operator/operation';
import { amountFromZero, oneOf, textBy, whole } from '../operator/schema';
import { CURRENCY_FACT, ofAccount } from './account-operations';
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
  name: 'card generate',
  help: 'make a batch of cards, which can do nothing until they are activated; shows their PINs, this once',
  example: 'card generate --batch summer --count 1000 --value 10.00 --deck retail --out summer.csv',
  roles: ['admin'],
  fields: fields({
    batch: newBatch,
    count: countOf('cards'),
    value: amountFromZero({ description: 'what each opens its account with', unit: 'amount', example: '10.00' }),
    deck: textBy(nameField, {
      description: 'the deck that their calls are rated with',
      unit: 'deck',
      example: 'retail',
    }),
    pin_digits: Type.Optional(codeDigits),
    expires: Type.Optional(expiryOf('no call starts from then on')),
    expires_days: Type.Optional(
      whole(1, 3_650, { description: 'nor so many days after the first use', unit: 'days', example: 90 }),
    ),
  }),
  arguments: [],
  refusals: ['batch_exists', 'deck_not_found', 'pin_key_missing'],
  changes: 'in steps',
  showsSecret: true,
  run: async (request, { pin_digits: digits, expires, expires_days: expiresDays, ...cards }) => ({
    batch: cards.batch,
    issued: await generateCards(
      request,
      { ...cards, digits, expiresAt: expiryMs(expires), expiresDays },
      issuing(request),
    ),
  }),
  answer: {
    kind: 'record',
    schema: factsOf('CardsIssued', {
      ...ISSUED_FACTS,
      cards: listFact(factsOf('IssuedCard', { serial: wholeFact(), pin: textFact() }), 'their PINs, this once'),
    }),
    facts: batch => ({
      ...issuedFacts(batch),
      cards: batch.issued.map(({ serial, code }) => ({ serial, pin: code })),
    }),
  },
});

const activate = operation({
  name: 'card activate',
  help: 'open the accounts of cards, with their values; done again it opens none a second time',
  example: 'card activate --batch summer --from 1 --to 500',
  roles: ['cashier', 'support', 'admin'],
  fields: fields(SPAN),
  arguments: [],
  refusals: ['batch_not_found', 'account_exists', 'daily_limit_exceeded', 'more_than_at_once', 'deck_not_found'],
  changes: 'in steps',
  run: (request, span) => activateCards(request, span, request.onProgress),
  answer: switchedTo('active'),
});

const block = operation({
  name: 'card block',
  help: 'take no PIN of these cards, block their accounts and end their calls',
  example: 'card block --batch summer --from 17 --to 17',
  roles: ['support', 'admin'],
  fields: fields(SPAN),
  arguments: [],
  refusals: ['batch_not_found'],
  changes: 'in steps',
  run: (request, span) => blockCards(request, span, true, request.onProgress),
  answer: switchedTo('blocked'),
});

const unblock = operation({
  name: 'card unblock',
  help: 'take the PINs of blocked cards again, and open the accounts that were blocked with them',
  example: 'card unblock --batch summer --from 17 --to 17',
  roles: ['support', 'admin'],
  fields: fields(SPAN),
  arguments: [],
  refusals: ['batch_not_found'],
  changes: 'in steps',
  run: (request, span) => blockCards(request, span, false, request.onProgress),
  answer: switchedTo('not blocked'),
});

const LINE_FACTS = {
  serial: wholeFact(),
  batch: textFact(),
  status: wordFact(CARD_STATUSES, 'generated: can do nothing; active: its PIN is taken; blocked: neither'),
  value: amountFact('what its account opens with'),
  balance: orNull(amountFact('of its account; null if it has none')),
  currency: CURRENCY_FACT,
  accountcode: orNull(textFact('its account, from its activation on')),
  expires_at: orNull(instantFact('of its account, if it has one; null for never')),
  first_used_at: orNull(instantFact()),
  last_used_at: orNull(instantFact()),
};

const CARD = factsOf('Card', {
  ...LINE_FACTS,
  deck: textFact('the rate deck that its account is opened with'),
  expires_days: orNull(wholeFact('days after its first use when its account expires; null for never')),
  pin_key: textFact('a print of the key that its PIN was hashed with'),
  created_at: instantFact(),
  activated_at: orNull(instantFact()),
});

const cardLine = (view: CardView): Static<TObject<typeof LINE_FACTS>> => ({
  serial: view.serial,
  batch: view.batch,
  status: view.status,
  value: view.value,
  balance: view.balance,
  currency: view.currency,
  accountcode: view.accountcode,
  expires_at: view.expiresAt,
  first_used_at: view.firstUsedAt,
  last_used_at: view.lastUsedAt,
});

const cardFacts = (view: CardView): Static<typeof CARD> => ({
  ...cardLine(view),
  deck: view.deck,
  expires_days: view.expiresDays,
  pin_key: view.pinKey,
  created_at: view.createdAt,
  activated_at: view.activatedAt,
});

const list = operation({
  name: 'card list',
  help: 'cards in the order of their serials',
  example: 'card list --batch summer --status active',
  roles: ['read', 'support', 'cashier', 'admin'],
  fields: fields({
    batch: Type.Optional(batchOf('only cards of this batch')),
    account: Type.Optional(ofAccount('cards')),
    status: Type.Optional(
      oneOf(CARD_STATUSES, {
        description: 'only generated, active or blocked ones',
        unit: 'status',
        example: 'active',
      }),
    ),
    ...PAGE,
    ...keyedBy(CARDS_ORDER),
  }),
  arguments: [],
  refusals: [],
  run: ({ database }, { batch, account, status, ...page }) =>
    listCards(database, { batch, account, status }, keyedRowsOf(CARDS_ORDER, page)),
  answer: { kind: 'list', schema: CARD, facts: cardFacts, line: cardLine, none: 'no card: see "card generate --help"' },
});

const CARD_BATCH = factsOf('CardBatch', {
  ...BATCH_FACTS,
  deck: textFact('the rate deck that their accounts are opened with'),
  expires_days: orNull(wholeFact('days after its first use when an account expires; null for never')),
  generated: wholeFact('how many can do nothing yet'),
  active: wholeFact('how many have an account, and a PIN that is taken'),
  blocked: wholeFact('how many are blocked'),
});

const batches = operation({
  name: 'card batches',
  help: 'batches of cards, the newest first, and how many of each are in which state',
  example: 'card batches',
  roles: ['read', 'support', 'cashier', 'admin'],
  fields: fields({ batch: Type.Optional(batchOf('only this batch')), ...PAGE }),
  arguments: [],
  refusals: [],
  run: ({ database }, { batch, ...page }) => listCardBatches(database, { batch }, rowsOf(page)),
  answer: {
    kind: 'list',
    schema: CARD_BATCH,
    facts: (view): Static<typeof CARD_BATCH> => ({
      ...batchFacts(view),
      deck: view.deck,
      expires_days: view.expiresDays,
      generated: view.counts.generated ?? 0,
      active: view.counts.active ?? 0,
      blocked: view.counts.blocked ?? 0,
    }),
    none: 'no batch of cards: see "card generate --help"',
  },
});

const show = operation({
  name: 'card show',
  help: 'a card, without its PIN: no command shows that',
  example: 'card show 17',
  roles: ['read', 'support', 'cashier', 'admin'],
  fields: fields({ serial: serialOf('the serial of the card') }),
  arguments: ['serial'],
  refusals: ['card_not_found'],
  run: ({ database }, { serial }) => cardNumbered(database, serial),
  answer: { kind: 'record', schema: CARD, facts: cardFacts },
});

const exportBatch = operation({
  name: 'card export',
  help: 'the cards of a batch as CSV, without PINs, for a spreadsheet',
  example: 'card export --batch summer > summer-cards.csv',
  roles: ['read', 'support', 'cashier', 'admin'],
  fields: fields({ batch: batchOf('the batch') }),
  arguments: [],
  refusals: ['batch_not_found'],
  run: ({ database }, { batch }) => cardsOf(database, batch),
  answer: { kind: 'stream', schema: CARD, facts: cardFacts, line: cardLine },
});

export const CARD_OPERATIONS = [generate, activate, block, unblock, batches, list, show, exportBatch];
