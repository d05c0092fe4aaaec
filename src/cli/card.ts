import type { Command } from 'commander';
import {
  activateCards,
  blockCards,
  type CardView,
  cardNumbered,
  cardsOf,
  generateCards,
  listCards,
} from '../cards/cards';
import { CODE_DIGITS } from '../cards/codes';
import type { Facts } from '../operator/facts';
import { addSpan, exported, issue, type Paging, type SpanOptions, switched } from './batch-commands';
import { addCommand, addPaging, pageOf, withDatabase } from './command';
import { instantOf } from './instant';
import type { Terminal } from './terminal';

export function addCardCommands(program: Command, terminal: Terminal): void {
  const card = program.command('card').description('calling cards: PINs that stand for accounts');
  addGenerate(card, terminal);
  addSwitches(card, terminal);
  addLook(card, terminal);
}

interface GenerateOptions {
  batch: string;
  count: string;
  value: string;
  deck: string;
  pinDigits: string;
  expires?: string;
  expiresDays?: string;
  out?: string;
}

function addGenerate(card: Command, terminal: Terminal): void {
  addCommand(
    card,
    'generate',
    'make a batch of cards, which can do nothing until they are activated; prints their PINs, this once',
    'card generate --batch summer --count 1000 --value 10.00 --deck retail --out summer.csv',
  )
    .requiredOption('--batch <batch>', 'a new name for them')
    .requiredOption('--count <cards>', 'how many; 100,000 take some minutes')
    .requiredOption('--value <amount>', 'what each opens its account with')
    .requiredOption('--deck <deck>', 'the deck that their calls are rated with')
    .option('--pin-digits <digits>', `${CODE_DIGITS.least} to ${CODE_DIGITS.most}`, String(CODE_DIGITS.usual))
    .option('--expires <time>', 'no call starts from then on, such as 2026-12-31T18:00 in your zone (TZ)')
    .option('--expires-days <days>', 'nor so many days after the first use')
    .option('--out <file>', 'a new file for serials and PINs that only you may read, instead of standard output')
    .action(
      withDatabase(terminal, async (context, options: GenerateOptions) => {
        const { batch, count, value, deck, pinDigits, expires, expiresDays, out } = options;
        const expiresAt = expires === undefined ? undefined : instantOf('expires', expires);
        const request = { batch, count, value, deck, digits: pinDigits, expiresAt, expiresDays };
        await issue(context, { batch, out, what: 'pin', things: 'cards' }, issueOptions =>
          generateCards(context.acting, request, issueOptions),
        );
      }),
    );
}

function addSwitches(card: Command, terminal: Terminal): void {
  addSpan(
    addCommand(
      card,
      'activate',
      'open the accounts of cards, with their values; done again it opens none a second time',
      'card activate --batch summer --from 1 --to 500',
    ),
  ).action(
    withDatabase(terminal, async (context, options: SpanOptions) => {
      await switched(context, 'active', onProgress => activateCards(context.acting, options, onProgress));
    }),
  );
  for (const [name, block, meaning] of [
    ['block', true, 'take no PIN of these cards, block their accounts and end their calls'],
    ['unblock', false, 'take the PINs of blocked cards again, and open their accounts'],
  ] as const) {
    addSpan(addCommand(card, name, meaning, `card ${name} --batch summer --from 17 --to 17`)).action(
      withDatabase(terminal, async (context, options: SpanOptions) => {
        const state = block ? 'blocked' : 'not blocked';
        await switched(context, state, onProgress => blockCards(context.acting, options, block, onProgress));
      }),
    );
  }
}

function addLook(card: Command, terminal: Terminal): void {
  addPaging(addCommand(card, 'list', 'cards in the order of their serials', 'card list --batch summer --status active'))
    .option('--batch <batch>', 'only cards of this batch')
    .option('--status <status>', 'only generated, active or blocked ones')
    .action(
      withDatabase(terminal, async ({ database, print }, options: Paging & { batch?: string; status?: string }) => {
        const request = pageOf(options);
        const { items, total } = await listCards(database, options, request);
        const facts = print.json ? cardFacts : cardLine;
        print.list({ items: items.map(facts), total }, request, 'no card: see "card generate --help"');
      }),
    );
  addCommand(card, 'show <serial>', 'a card; nobody can be shown its PIN', 'card show 17').action(
    withDatabase(terminal, async ({ database, print }, serial: string) => {
      print.record(cardFacts(await cardNumbered(database, serial)));
    }),
  );
  addCommand(
    card,
    'export',
    'the cards of a batch as CSV, without PINs, for a spreadsheet',
    'card export --batch summer > summer-cards.csv',
  )
    .requiredOption('--batch <batch>', 'the batch')
    .action(
      withDatabase(terminal, async (context, { batch }: { batch: string }) => {
        await exported(context, cardsOf(context.database, batch), { line: cardLine, facts: cardFacts });
      }),
    );
}

const cardLine = (view: CardView): Facts => ({
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

const cardFacts = (view: CardView): Facts => ({
  ...cardLine(view),
  deck: view.deck,
  expires_days: view.expiresDays,
  pin_key: view.pinKey,
  created_at: view.createdAt,
  activated_at: view.activatedAt,
});
