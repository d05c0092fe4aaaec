/** What an operator may do with decks. */
import { Type } from 'typebox';
import type { DeckChanges } from '../decks/deck-change-store';
import { deckNamed, listDecks, listRates, listVersions, type VersionView, versionOf } from '../decks/deck-store';
import { type DeckImported, importDeck } from '../decks/import-deck';
import { deleteVersion, pruneVersions, type VersionRemoved } from '../decks/old-version-store';
import type { Facts } from '../operator/facts';
import { currencyField, nameField, prefixField } from '../operator/fields';
import { fields, operation, PAGE, rowsOf } from '../operator/operation';
import { flag, textBy, whole } from '../operator/schema';
import type { Rate } from '../rating/rate';

const deck = textBy(nameField, { description: 'the deck', unit: 'deck', example: 'retail' });

const importRates = operation({
  name: 'deck import',
  help: 'import a rate file as the deck; "-" reads standard input',
  example: 'deck import retail rates.csv --currency EUR',
  roles: ['prices', 'admin'],
  fields: fields({
    deck,
    currency: Type.Optional(
      textBy((_, text) => currencyField(text), {
        description: "the deck's currency: needed for its first import, fixed from then on",
        unit: 'code',
        example: 'EUR',
      }),
    ),
    yes: Type.Optional(flag('replace the deck though the file lacks more than a fifth of its prefixes')),
  }),
  arguments: ['deck'],
  refusals: ['file_invalid', 'currency_mismatch', 'prefixes_gone'],
  changes: 'in steps',
  run: async (request, { deck: name, currency, yes }) => {
    const { file, signal, onProgress } = request;
    if (file === undefined) throw new Error('deck import needs a file');
    return importDeck(request, {
      deck: name,
      currency,
      mayShrink: yes,
      source: file.name,
      input: file.input,
      signal,
      onProgress: count => onProgress?.(count, null),
    });
  },
  answer: {
    kind: 'record',
    facts: ({ deck: name, version: made, currency, rates: count, anyNumberLine, changes }) => ({
      deck: name,
      version: made,
      currency,
      rates: count,
      any_number_line: anyNumberLine,
      changes: changes && { ...changes },
    }),
    says: importedSentence,
  },
});

function importedSentence({ deck: name, version: made, currency, rates: count, ...imported }: DeckImported): string {
  const { anyNumberLine, changes } = imported;
  const anyNumber = anyNumberLine === null ? '' : `; line ${anyNumberLine} rates any number`;
  return `${name}: ${count} rates in ${currency} are current as version ${made}${anyNumber}${changesText(changes)}`;
}

/** `…: new 1 (49), changed 0, gone 0, unchanged 5 (30, 31, 32, …)`; '' for a deck's first version. */
function changesText(changes: DeckChanges | null): string {
  if (changes === null) return '';
  const counts = Object.entries(changes).map(([fate, { count, examples }]) => {
    const names = examples.map(prefix => prefix || 'any number');
    if (count > examples.length) names.push('…');
    return names.length === 0 ? `${fate} ${count}` : `${fate} ${count} (${names.join(', ')})`;
  });
  return `; prefixes against the version before: ${counts.join(', ')}`;
}

const version = whole(1, 9_007_199_254_740_991, { description: 'its version', unit: 'version', example: 7 });

const list = operation({
  name: 'deck list',
  help: 'decks and where they came from',
  example: 'deck list',
  roles: ['read', 'support', 'prices', 'admin'],
  fields: fields(PAGE),
  arguments: [],
  refusals: [],
  run: ({ database }, page) => listDecks(database, rowsOf(page)),
  answer: {
    kind: 'list',
    facts: view => ({
      deck: view.deck,
      currency: view.currency,
      rates: view.rates,
      version: view.version,
      imported_at: view.importedAt,
      source: view.source,
    }),
    none: 'no deck yet: see "deck import --help"',
  },
});

const versionFacts = (view: VersionView): Facts => ({
  version: view.version,
  current: view.isCurrent,
  rates: view.rates,
  imported_at: view.importedAt,
  source: view.source,
});

const show = operation({
  name: 'deck show',
  help: 'the versions of a deck, the newest first',
  example: 'deck show retail',
  roles: ['read', 'support', 'prices', 'admin'],
  fields: fields({ deck, ...PAGE }),
  arguments: ['deck'],
  refusals: ['deck_not_found'],
  run: async ({ database }, { deck: name, ...page }) => {
    await deckNamed(database, name);
    return listVersions(database, name, rowsOf(page));
  },
  answer: { kind: 'list', facts: versionFacts, none: 'no version yet: see "deck import --help"' },
});

const rateFacts = (view: Rate): Facts => ({
  prefix: view.prefix,
  destination: view.destination,
  price_per_minute: view.pricePerMinute,
  connect_fee: view.connectFee,
  minimum_charge: view.minimumCharge,
  initial_increment: view.initialIncrementSeconds,
  increment: view.incrementSeconds,
  grace_seconds: view.graceSeconds,
  max_seconds: view.maxSeconds,
  valid_from: view.validFrom,
  valid_until: view.validUntil,
});

const rates = operation({
  name: 'deck rates',
  help: 'the rates of a deck in the order of their prefixes',
  example: 'deck rates retail --prefix 49',
  roles: ['read', 'support', 'prices', 'admin'],
  fields: fields({
    deck,
    prefix: Type.Optional(
      textBy(prefixField, { description: 'only prefixes that begin so', unit: 'digits', example: '49' }),
    ),
    of_version: Type.Optional(version),
    ...PAGE,
  }),
  arguments: ['deck'],
  refusals: ['deck_not_found', 'version_not_found'],
  run: async ({ database }, { deck: name, prefix = '', of_version: wanted, ...page }) =>
    listRates(database, await versionOf(database, name, wanted), prefix, rowsOf(page)),
  answer: { kind: 'list', facts: rateFacts, none: 'no rate' },
});

const removedSentence = ({ deck: name, version: removed, rates: count }: VersionRemoved): string =>
  `version ${removed} of ${name} is deleted, with ${count} rates`;

const remove = operation({
  name: 'deck delete-version',
  help: 'delete a version of a deck that is current no more; calls keep the rate they were charged by',
  example: 'deck delete-version retail 7',
  roles: ['prices', 'admin'],
  fields: fields({ deck, version }),
  arguments: ['deck', 'version'],
  refusals: ['deck_not_found', 'version_not_found', 'version_current'],
  changes: 'in steps',
  run: (acting, input) => deleteVersion(acting, input.deck, input.version),
  answer: { kind: 'record', facts: removed => ({ ...removed }), says: removedSentence },
});

const prune = operation({
  name: 'deck prune',
  help: 'delete the old versions of a deck but for the newest ones',
  example: 'deck prune retail --keep 3',
  roles: ['prices', 'admin'],
  fields: fields({
    deck,
    keep: whole(0, 1_000, {
      description: 'how many old versions stay beside the current one',
      unit: 'versions',
      example: 3,
    }),
  }),
  arguments: ['deck'],
  refusals: ['deck_not_found', 'version_not_found', 'version_current'],
  changes: 'in steps',
  run: async (acting, input) => ({ deck: input.deck, removed: await pruneVersions(acting, input.deck, input.keep) }),
  answer: {
    kind: 'record',
    facts: ({ deck: name, removed }) => ({ deck: name, versions: removed.map(each => String(each.version)) }),
    says: ({ deck: name, removed }) =>
      removed.length === 0 ? `${name} has no more old versions than that` : removed.map(removedSentence).join('; '),
  },
});

export const DECK_OPERATIONS = [importRates, list, show, rates, remove, prune];
