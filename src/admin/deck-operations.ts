/** What an operator may do with decks. */
import { type Static, Type } from 'typebox';
import { type DeckChanges, isShrunk } from '../decks/deck-change-store';
import {
  deckNamed,
  listDecks,
  listRates,
  listVersions,
  RATES_ORDER,
  readCurrentVersion,
  type VersionView,
  versionOf,
} from '../decks/deck-store';
import { currencyOf, DIFFERENCES_ORDER, listDifferencesOnce, refuseIncomplete } from '../decks/difference-store';
import { CHANGES, DIFFERENCE_KINDS, type Difference, EFFECTS } from '../decks/differences';
import { type DeckImported, importDeck, loadDeck } from '../decks/import-deck';
import { deleteVersion, pruneVersions, type VersionRemoved } from '../decks/old-version-store';
import { type DeckParent, setParent } from '../decks/parent-store';
import { restoreVersion } from '../decks/restored-version-store';
import {
  compareBefore,
  type DeckPreview,
  type DeckPublished,
  previewVersion,
  publishVersion,
} from '../decks/waiting-version-store';
import { type DeckWeight, WEIGHED_DAYS, weighOnce } from '../decks/weight-store';
import { formatAmount, type Micros, parseAmount, ZERO } from '../money/micros';
import type { OperatorRequest } from '../operator/acting';
import {
  amountFact,
  dayFact,
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
import { amountField, currencyField, invalid, nameField, prefixField, textField } from '../operator/fields';
import { fields, keyedRowsOf, operation, PAGE, rowsOf } from '../operator/operation';
import { flag, oneOf, textBy, whole } from '../operator/schema';
import { dayIn, type Rate } from '../rating/rate';
import { STEPS_HELP, stepsText } from '../rating/steps';

const deck = textBy(nameField, { description: 'the deck', unit: 'deck', example: 'retail' });

const CURRENCY_FACT = textFact('ISO 4217 code of every price in it');

const PERCENT_FACT = textFact('added to each amount of a line of its parent, per cent: 12.50; below zero for less');

const ADDED_FACT = amountFact('added to each price per minute of a line of its parent; below zero for less');

const PREFIXES = factsOf('PrefixChanges', {
  count: wholeFact('how many prefixes'),
  examples: listFact(textFact('empty for any number'), 'the first three of them'),
});

const CHANGES_FACT = orNull(
  factsOf('DeckChanges', {
    new: PREFIXES,
    changed: PREFIXES,
    gone: PREFIXES,
    unchanged: PREFIXES,
    // Those of `changed` that had a price today, and now have prices of other days only.
    lapsed: PREFIXES,
    // Those of `changed` that had a price today, and are blocked today.
    blocked: PREFIXES,
  }),
);

const ANY_NUMBER_FACT = orNull(wholeFact('the line of the file that rates any number; null if there is none'));

const currency = Type.Optional(
  textBy((_, text) => currencyField(text), {
    description: "the deck's currency: needed for its first import, fixed from then on",
    unit: 'code',
    example: 'EUR',
  }),
);

/** What an operation does with the file that came with it. */
function fileOf({ file, signal, onProgress }: OperatorRequest, operationName: string) {
  if (file === undefined) throw new Error(`${operationName} needs a file`);
  return { source: file.name, input: file.input, signal, onProgress: (count: number) => onProgress?.(count, null) };
}

const importRates = operation({
  name: 'deck import',
  help: 'import a rate file as the deck; "-" reads standard input',
  example: 'deck import retail rates.csv --currency EUR',
  roles: ['prices', 'admin'],
  fields: fields({
    deck,
    currency,
    yes: Type.Optional(
      flag(
        'replace the deck though the file lacks more than a fifth of its prefixes, or prices of today for them, or blocks them',
      ),
    ),
  }),
  arguments: ['deck'],
  refusals: ['file_invalid', 'currency_mismatch', 'prefixes_gone'],
  changes: 'in steps',
  takesFile: true,
  run: (request, { deck: name, currency: code, yes }) =>
    importDeck(request, { ...fileOf(request, 'deck import'), deck: name, currency: code, mayShrink: yes }),
  answer: {
    kind: 'record',
    schema: factsOf('DeckImported', {
      deck: textFact(),
      version: wholeFact('the version that is current now'),
      currency: CURRENCY_FACT,
      rates: wholeFact('how many it has'),
      any_number_line: ANY_NUMBER_FACT,
      changes: CHANGES_FACT,
    }),
    facts: ({ deck: name, version: made, currency: code, rates: count, anyNumberLine, changes }) => ({
      deck: name,
      version: made,
      currency: code,
      rates: count,
      any_number_line: anyNumberLine,
      changes: changes && { ...changes },
    }),
    says: importedSentence,
  },
});

function importedSentence({
  deck: name,
  version: made,
  currency: code,
  rates: count,
  ...imported
}: DeckImported): string {
  return `${name}: ${count} rates in ${code} are current as version ${made}${contentText(imported)}`;
}

/** What a person is told of a version besides its size. */
function contentText({ anyNumberLine, changes }: Pick<DeckImported, 'anyNumberLine' | 'changes'>): string {
  const anyNumber = anyNumberLine === null ? '' : `; line ${anyNumberLine} rates any number`;
  return anyNumber + changesText(changes);
}

/** `…: new 1 (49), changed 0, gone 0, unchanged 5 (30, 31, 32, …)`; '' for a deck's first version. */
function changesText(changes: DeckChanges | null): string {
  if (changes === null) return '';
  const told = Object.entries(changes).filter(
    ([fate, { count }]) => (fate !== 'lapsed' && fate !== 'blocked') || count > 0,
  );
  const counts = told.map(([fate, { count, examples }]) => {
    const names = examples.map(prefix => prefix || 'any number');
    if (count > examples.length) names.push('…');
    const text = fate === 'lapsed' ? 'no price today' : fate;
    return names.length === 0 ? `${text} ${count}` : `${text} ${count} (${names.join(', ')})`;
  });
  return `; prefixes against the version before: ${counts.join(', ')}`;
}

const version = whole(1, 9_007_199_254_740_991, { description: 'its version', unit: 'version', example: 7 });

const PREVIEW = {
  kind: 'record',
  schema: factsOf('DeckPreview', {
    deck: textFact(),
    version: wholeFact('the version that waits'),
    currency: CURRENCY_FACT,
    rates: wholeFact('how many it has'),
    source: textFact('the name of the file'),
    any_number_line: ANY_NUMBER_FACT,
    compared_with: wholeFact('the current version, which it would replace; 0 if there is none'),
    changes: CHANGES_FACT,
    needs_confirm: flagFact(
      'it lacks more than a fifth of the prefixes, or a price of today for them, or blocks them: "deck publish" wants that confirmed',
    ),
    waits_until: instantFact('it is kept until then, if it does not become current'),
  }),
  facts: ({ deck: name, version: made, currency: code, rates: count, source, ...preview }: DeckPreview) => ({
    deck: name,
    version: made,
    currency: code,
    rates: count,
    source,
    any_number_line: preview.anyNumberLine,
    compared_with: preview.comparedWith,
    changes: preview.changes && { ...preview.changes },
    needs_confirm: preview.changes !== null && isShrunk(preview.changes),
    waits_until: preview.waitsUntil,
  }),
  says: previewSentence,
} as const;

function previewSentence(preview: DeckPreview, instantText: (at: Date) => string): string {
  const { deck: name, version: made, currency: code, rates: count, changes, waitsUntil } = preview;
  const confirm = changes !== null && isShrunk(changes) ? ' --confirm' : '';
  const until = `waits until ${instantText(waitsUntil)}: deck publish ${name} ${made}${confirm}`;
  return `${name}: version ${made} has ${count} rates in ${code} and ${until}${contentText(preview)}`;
}

const load = operation({
  name: 'deck load',
  help: 'load a rate file as a version of the deck that is not current yet, and tell what it would change',
  example: 'deck load retail rates.csv --currency EUR',
  roles: ['prices', 'admin'],
  fields: fields({
    deck,
    currency,
    source: Type.Optional(
      textBy((field, text) => textField(field, text, 255, 1), {
        description: 'the name of the file, to be remembered; the one that it has if not given',
        unit: 'name',
        example: 'rates.csv',
      }),
    ),
    changes: Type.Optional(
      flag('the file names only what changes: the prices of all other prefixes stay; if not given, it is a whole list'),
    ),
  }),
  arguments: ['deck'],
  refusals: ['file_invalid', 'currency_mismatch', 'too_many_versions'],
  changes: 'in steps',
  takesFile: true,
  run: (request, { deck: name, currency: code, source, changes: namesChanges }) => {
    const file = { ...fileOf(request, 'deck load'), namesChanges };
    const { onResult } = request;
    return loadDeck(request, { ...file, deck: name, currency: code, source: source ?? file.source, onResult });
  },
  answer: PREVIEW,
});

const preview = operation({
  name: 'deck preview',
  help: 'what a version that waits would change against the current one, by prefix; without the lines of decks that it stands on',
  example: 'deck preview retail 7',
  roles: ['read', 'support', 'prices', 'admin'],
  fields: fields({ deck, version }),
  arguments: ['deck', 'version'],
  refusals: ['deck_not_found', 'version_not_found', 'version_incomplete', 'version_current', 'version_outdated'],
  isLong: true,
  run: ({ database, signal }, input) => previewVersion(database, input.deck, input.version, signal),
  answer: PREVIEW,
});

const PUBLISHED = factsOf('DeckPublished', {
  deck: textFact(),
  version: wholeFact('the version that is current now'),
  currency: CURRENCY_FACT,
  rates: wholeFact('how many it has'),
  replaced: wholeFact('the version that was current; 0 if there was none'),
});

const publishedSentence = ({ deck: name, version: made, currency: code, rates: count }: DeckPublished): string =>
  `${name}: ${count} rates in ${code} are current as version ${made}`;

const publish = operation({
  name: 'deck publish',
  help: 'make a version that waits current: calls that start from then on are rated with it',
  example: 'deck publish retail 7',
  roles: ['prices', 'admin'],
  fields: fields({
    deck,
    version,
    compared_with: Type.Optional(
      whole(0, 9_007_199_254_740_991, {
        description: 'the current version that your preview names; the one of its load if not given',
        unit: 'version',
        example: 6,
      }),
    ),
    confirm: Type.Optional(
      flag(
        'replace the deck though it lacks more than a fifth of the prefixes, or prices of today for them, or blocks them',
      ),
    ),
  }),
  arguments: ['deck', 'version'],
  refusals: [
    'deck_not_found',
    'version_not_found',
    'version_incomplete',
    'version_current',
    'version_outdated',
    'preview_outdated',
    'prefixes_gone',
    'currency_mismatch',
  ],
  changes: 'at once',
  prepare: ({ database, signal }, input) => compareBefore(database, input.deck, input.version, signal),
  run: (acting, { deck: name, version: wanted, compared_with: comparedWith, confirm }) =>
    publishVersion(acting, { deck: name, version: wanted, comparedWith, confirm }),
  answer: {
    kind: 'record',
    schema: PUBLISHED,
    facts: published => ({ ...published }),
    says: publishedSentence,
  },
});

const restore = operation({
  name: 'deck restore',
  help: 'make a version current that was so before: takes back what came after it; calls in progress keep their price',
  example: 'deck restore retail 6 --compared-with 7',
  roles: ['prices', 'admin'],
  fields: fields({
    deck,
    version,
    compared_with: whole(1, 9_007_199_254_740_991, {
      description: 'the current version, which goes: if another one is current by now, nothing changes',
      unit: 'version',
      example: 7,
    }),
  }),
  arguments: ['deck', 'version'],
  refusals: ['deck_not_found', 'version_not_found', 'version_incomplete', 'version_current', 'preview_outdated'],
  changes: 'at once',
  run: (acting, { deck: name, version: wanted, compared_with: comparedWith }) =>
    restoreVersion(acting, { deck: name, version: wanted, comparedWith }),
  answer: {
    kind: 'record',
    schema: PUBLISHED,
    facts: restored => ({ ...restored }),
    says: publishedSentence,
  },
});

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
    schema: factsOf('Deck', {
      deck: textFact(),
      currency: CURRENCY_FACT,
      rates: wholeFact('how many the current version has'),
      version: wholeFact('the version that new calls are rated with; 0 before the first import'),
      imported_at: orNull(instantFact('when that became current, the last time')),
      source: textFact('the name of the file'),
      parent: orNull(textFact('the deck that it stands on; null for none')),
      markup_percent: PERCENT_FACT,
      markup_amount: ADDED_FACT,
      waiting: orNull(wholeFact('the newest version that is loaded and waits to become current; null for none')),
    }),
    facts: view => ({
      deck: view.deck,
      currency: view.currency,
      rates: view.rates,
      version: view.version,
      imported_at: view.importedAt,
      source: view.source,
      parent: view.parent,
      markup_percent: formatAmount(view.markupPercent),
      markup_amount: view.markupAmount,
      waiting: view.waiting,
    }),
    none: 'no deck yet: see "deck import --help"',
  },
});

const VERSION = factsOf('DeckVersion', {
  version: wholeFact(),
  current: flagFact('new calls are rated with it'),
  waiting: flagFact('it is loaded, and waits to become current'),
  rates: wholeFact('how many it has'),
  loaded_at: orNull(instantFact('when all its rates were there; null before that, and of old versions')),
  imported_at: orNull(instantFact('when it became current, the last time; null if it did not')),
  source: textFact('the name of the file'),
});

const versionFacts = (view: VersionView): Static<typeof VERSION> => ({
  version: view.version,
  current: view.isCurrent,
  waiting: view.isWaiting,
  rates: view.rates,
  loaded_at: view.loadedAt,
  imported_at: view.importedAt,
  source: view.source,
});

const show = operation({
  name: 'deck show',
  help: 'the versions of a deck, the newest first; "deck list" tells the deck that it stands on',
  example: 'deck show retail',
  roles: ['read', 'support', 'prices', 'admin'],
  fields: fields({ deck, ...PAGE }),
  arguments: ['deck'],
  refusals: ['deck_not_found'],
  run: async ({ database }, { deck: name, ...page }) => {
    const versions = await listVersions(database, name, rowsOf(page));
    // A version that waits may be there before its deck.
    if (versions.total === 0) await deckNamed(database, name);
    return versions;
  },
  answer: { kind: 'list', schema: VERSION, facts: versionFacts, none: 'no version yet: see "deck import --help"' },
});

const RATE = factsOf('Rate', {
  prefix: textFact('digits that the dialled number begins with; the longest that fits wins; empty for any number'),
  destination: textFact('its name, for people'),
  price_per_minute: amountFact('the price of 60 billed seconds'),
  connect_fee: amountFact('charged once for an answered call'),
  minimum_charge: amountFact('the least cost of an answered call outside its grace'),
  initial_increment: wholeFact('the first block of talk, billed whole; seconds'),
  increment: wholeFact('the blocks after the first, billed whole; seconds'),
  grace_seconds: wholeFact('shorter talk costs nothing; 0 for none'),
  free_seconds: wholeFact('the first seconds of the talk, which are not billed; 0 for none'),
  steps: textFact(STEPS_HELP),
  schedule: textFact('the schedule by which it counts; empty where it counts while none of its prefix holds'),
  max_seconds: orNull(wholeFact('the longest call; null for no limit of its own')),
  valid_from: orNull(dayFact("the first day, in the account's time zone; null for always")),
  valid_until: orNull(dayFact("the last day, in the account's time zone; null for always")),
  blocked: flagFact('calls to it are refused, whatever a shorter prefix costs'),
});

const rateFacts = (view: Rate): Static<typeof RATE> => ({
  prefix: view.prefix,
  destination: view.destination,
  price_per_minute: view.pricePerMinute,
  connect_fee: view.connectFee,
  minimum_charge: view.minimumCharge,
  initial_increment: view.initialIncrementSeconds,
  increment: view.incrementSeconds,
  grace_seconds: view.graceSeconds,
  free_seconds: view.freeSeconds,
  steps: stepsText(view.steps),
  schedule: view.schedule ?? '',
  max_seconds: view.maxSeconds,
  valid_from: view.validFrom,
  valid_until: view.validUntil,
  blocked: view.isBlocked,
});

const rates = operation({
  name: 'deck rates',
  help: 'the rates of a deck in the order of their prefixes: its own lines, without those of a deck that it stands on',
  example: 'deck rates retail --prefix 49',
  roles: ['read', 'support', 'prices', 'admin'],
  fields: fields({
    deck,
    prefix: Type.Optional(
      textBy(prefixField, { description: 'only prefixes that begin so', unit: 'digits', example: '49' }),
    ),
    destination: Type.Optional(
      textBy((field, text) => textField(field, text, 100, 1), {
        description: 'only destinations whose name has this in it, capital or not',
        unit: 'text',
        example: 'mobile',
      }),
    ),
    of_version: Type.Optional(version),
    ...PAGE,
    ...keyedBy(RATES_ORDER),
  }),
  arguments: ['deck'],
  refusals: ['deck_not_found', 'version_not_found'],
  run: async ({ database }, { deck: name, prefix = '', destination, of_version: wanted, ...page }) => {
    const rows = keyedRowsOf(RATES_ORDER, page);
    const [begun] = rows.byKey?.after ?? [];
    const of = wanted ?? (begun === undefined ? undefined : Number(begun));
    return listRates(database, await versionOf(database, name, of), { prefix, destination }, rows);
  },
  answer: { kind: 'list', schema: RATE, facts: rateFacts, none: 'no rate' },
});

const PRICE_PARTS = 'price of 60 billed seconds';

const DIFFERENCE = factsOf('DeckDifference', {
  prefix: textFact('empty for any number'),
  destination: textFact('its name in the version that is looked at, or in the other one if it is gone'),
  change: wordFact(CHANGES, 'whether the prefix is new, its lines changed, or it is gone'),
  effect: wordFact(
    EFFECTS,
    'for a number that begins with it, by its price, else its fee, else its minimum, else an hour of talk; opened: it had no rate, or was blocked; closed: it has no rate now; blocked: calls to it are refused now',
  ),
  price_before: orNull(
    amountFact(`${PRICE_PARTS} in the version before; null for no rate, and for one that is blocked`),
  ),
  price_after: orNull(amountFact(`${PRICE_PARTS} in this version; null for no rate, and for one that is blocked`)),
  connect_fee_before: orNull(amountFact()),
  connect_fee_after: orNull(amountFact()),
  minimum_charge_before: orNull(amountFact()),
  minimum_charge_after: orNull(amountFact()),
  increments_before: orNull(textFact('the first block of talk and those after it, such as 60/1; seconds')),
  increments_after: orNull(textFact()),
  rated_by_before: orNull(textFact('the prefix that rated it: a shorter one if it had no line of that day')),
  rated_by_after: orNull(textFact('the prefix that rates it')),
  falls_back: flagFact(
    'a shorter prefix rates it for less than before, or though it was blocked, or for less than its own line will from a later day on',
  ),
});

const incrementsOf = (rate: Rate | null): string | null =>
  rate && `${rate.initialIncrementSeconds}/${rate.incrementSeconds}`;

/** A blocked rate has no price. */
const pricedOr = (rate: Rate | null): Rate | null => (rate?.isBlocked ? null : rate);

const pricesFacts = (before: Rate | null, after: Rate | null) => ({
  price_before: before?.pricePerMinute ?? null,
  price_after: after?.pricePerMinute ?? null,
  connect_fee_before: before?.connectFee ?? null,
  connect_fee_after: after?.connectFee ?? null,
  minimum_charge_before: before?.minimumCharge ?? null,
  minimum_charge_after: after?.minimumCharge ?? null,
  increments_before: incrementsOf(before),
  increments_after: incrementsOf(after),
});

const differenceFacts = ({ before, after, ...difference }: Difference): Static<typeof DIFFERENCE> => ({
  ...pricesFacts(pricedOr(before), pricedOr(after)),
  prefix: difference.prefix,
  destination: difference.destination,
  change: difference.change,
  effect: difference.effect,
  rated_by_before: before?.prefix ?? null,
  rated_by_after: after?.prefix ?? null,
  falls_back: difference.fallsBack,
});

const AGAINST = Type.Optional(
  whole(0, 9_007_199_254_740_991, {
    description: 'the version before; 0 for none, so that all is new; the current one if not given',
    unit: 'version',
    example: 6,
  }),
);

const compare = operation({
  name: 'deck compare',
  help: 'what a version changes against another one, prefix by prefix, with the price of each before and after; without the lines of decks that it stands on',
  example: 'deck compare retail 7 --against 6 --only dearer',
  roles: ['read', 'support', 'prices', 'admin'],
  fields: fields({
    deck,
    version,
    against: AGAINST,
    only: Type.Optional(
      oneOf(DIFFERENCE_KINDS, {
        description:
          'dearer or cheaper numbers, new or gone prefixes, closed (no rate any more), blocked (calls are refused now), fallback (on a cheaper shorter prefix), or other (a fee, a name, a day)',
        unit: 'kind',
        example: 'dearer',
      }),
    ),
    ...PAGE,
    ...keyedBy(DIFFERENCES_ORDER),
  }),
  arguments: ['deck', 'version'],
  refusals: ['deck_not_found', 'version_not_found', 'version_incomplete'],
  isLong: true,
  run: async ({ database, signal }, input) => {
    const { deck: name, version: wanted, against, only, ...page } = input;
    const rows = keyedRowsOf(DIFFERENCES_ORDER, page);
    await refuseIncomplete(database, name, wanted);
    const [begun, of = wanted] = rows.byKey?.after ?? [];
    const before = Number(against ?? begun ?? (await readCurrentVersion(database, name)));
    if (Number(of) !== wanted || Number(begun ?? before) !== before) {
      const todo = 'ask for these, or leave the cursor out';
      throw invalid('cursor', input.cursor?.slice(0, 40), `is of version ${of} against ${begun}: ${todo}`);
    }
    if (before !== 0) await refuseIncomplete(database, name, before);
    const day = dayIn('UTC', Date.now());
    return listDifferencesOnce(database, { before, version: wanted, day, kind: only }, rows, signal);
  },
  answer: { kind: 'list', schema: DIFFERENCE, facts: differenceFacts, none: 'no difference' },
});

const WEIGHTS = factsOf('DeckWeight', {
  deck: textFact(),
  version: wholeFact(),
  against: wholeFact('the version before; 0 for none'),
  currency: CURRENCY_FACT,
  since: instantFact('calls that started from then on were looked at'),
  calls: wholeFact(
    'answered calls that this deck rated, or a deck that stands on it, or that went over a trunk whose cost deck one of them is',
  ),
  talk_seconds: wholeFact('how long they talked'),
  weighed_seconds: wholeFact(
    'the part of it that was looked up, number by number; the rest is to very many different numbers',
  ),
  effects: listFact(
    factsOf('DeckWeightOfEffect', {
      effect: wordFact(EFFECTS, 'by what the calls cost; where that is the same, as in "deck compare"'),
      calls: wholeFact(),
      talk_seconds: wholeFact(),
      difference: amountFact(
        'what those calls cost more, each as long as the mean of its number, with fees, increments, free seconds and steps; below 0 for less. A preview: no charge follows from it',
      ),
    }),
    'all of it',
  ),
  moves: listFact(
    factsOf('DeckMove', {
      deck: textFact('the deck of these calls: the one that is weighed, or one that stands on it'),
      destination: textFact('its name in the version that is looked at, or in the other one'),
      effect: wordFact(EFFECTS),
      falls_back: flagFact('a shorter prefix rates it, for less, or though it was blocked'),
      rated_by_before: orNull(textFact('the prefix that rated it; null for no rate')),
      rated_by_after: orNull(textFact('the prefix that rates it, or blocks it; null for no rate')),
      price_before: orNull(amountFact('null for no rate, and for one that is blocked')),
      price_after: orNull(amountFact()),
      calls: wholeFact(),
      talk_seconds: wholeFact(),
      difference: orNull(amountFact('as above; null where there is no rate before or after, or it is blocked')),
    }),
    'those that change most, at most fifty',
  ),
});

const MOST_MOVES = 50;

const weightFacts = (weight: DeckWeight): Static<typeof WEIGHTS> => ({
  deck: weight.deck,
  version: weight.version,
  against: weight.before,
  currency: weight.currency,
  since: weight.since,
  calls: weight.calls,
  talk_seconds: weight.seconds,
  weighed_seconds: weight.weighedSeconds,
  effects: weight.weights.map(({ effect, calls, seconds, difference }) => ({
    effect,
    calls,
    talk_seconds: seconds,
    difference,
  })),
  moves: weight.moves.map(({ before, after, ...move }) => ({
    deck: move.deck,
    destination: (after ?? before)?.destination ?? '',
    effect: move.effect,
    falls_back: move.fallsBack,
    rated_by_before: before?.prefix ?? null,
    rated_by_after: after?.prefix ?? null,
    price_before: pricedOr(before)?.pricePerMinute ?? null,
    price_after: pricedOr(after)?.pricePerMinute ?? null,
    calls: move.calls,
    talk_seconds: move.seconds,
    difference: move.difference,
  })),
});

const weighing = operation({
  name: 'deck weigh',
  help: 'what a version changes for the calls of the last 30 days, by their talk: dearer, cheaper, without a rate, blocked; calls of decks that stand on it at the prices of those',
  example: 'deck weigh retail 7 --against 6',
  roles: ['read', 'support', 'prices', 'admin'],
  fields: fields({ deck, version, against: AGAINST }),
  arguments: ['deck', 'version'],
  refusals: ['deck_not_found', 'version_not_found', 'version_incomplete'],
  isLong: true,
  run: async ({ database, signal }, { deck: name, version: wanted, against }) => {
    await refuseIncomplete(database, name, wanted);
    const before = against ?? (await readCurrentVersion(database, name));
    if (before !== 0) await refuseIncomplete(database, name, before);
    const now = Date.now();
    const since = new Date(now - WEIGHED_DAYS * 86_400_000);
    const currency = await currencyOf(database, name, wanted);
    const request = { deck: name, version: wanted, before, currency, day: dayIn('UTC', now), since };
    return weighOnce(database, { ...request, mostMoves: MOST_MOVES }, signal);
  },
  answer: { kind: 'record', schema: WEIGHTS, facts: weightFacts },
});

const removedSentence = ({ deck: name, version: removed, rates: count }: VersionRemoved): string =>
  `version ${removed} of ${name} is deleted, with ${count} rates`;

const remove = operation({
  name: 'deck delete-version',
  help: 'delete a version of a deck that is not current, or no longer, and that rated no call',
  example: 'deck delete-version retail 7',
  roles: ['prices', 'admin'],
  fields: fields({ deck, version }),
  arguments: ['deck', 'version'],
  refusals: ['deck_not_found', 'version_not_found', 'version_current', 'version_used'],
  changes: 'in steps',
  run: (acting, input) => deleteVersion(acting, input.deck, input.version),
  answer: {
    kind: 'record',
    schema: factsOf('DeckVersionDeleted', {
      deck: textFact(),
      version: wholeFact(),
      rates: wholeFact('how many it had'),
    }),
    facts: removed => ({ ...removed }),
    says: removedSentence,
  },
});

const prune = operation({
  name: 'deck prune',
  help: 'delete the old versions of a deck but for the newest ones, and for those that rated calls',
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
  refusals: ['deck_not_found', 'version_not_found', 'version_current', 'version_used'],
  changes: 'in steps',
  run: async (acting, input) => ({ deck: input.deck, removed: await pruneVersions(acting, input.deck, input.keep) }),
  answer: {
    kind: 'record',
    schema: factsOf('DeckPruned', {
      deck: textFact(),
      versions: listFact(textFact(), 'the versions that are deleted'),
    }),
    facts: ({ deck: name, removed }) => ({ deck: name, versions: removed.map(each => String(each.version)) }),
    says: ({ deck: name, removed }) =>
      removed.length === 0
        ? `${name} has no more old versions than that, or the others rated calls`
        : removed.map(removedSentence).join('; '),
  },
});

const MOST_PERCENT = parseAmount('1000');
const LEAST_PERCENT = parseAmount('-100');
/** So many of the currency a minute: more is a mistake. */
const MOST_ADDED = parseAmount('1000000');

function percentField(field: string, text: string): Micros {
  const percent = amountField(field, text);
  if (percent < LEAST_PERCENT || percent > MOST_PERCENT) throw invalid(field, text, 'is not within -100 and 1000');
  return percent;
}

function addedField(field: string, text: string): Micros {
  const added = amountField(field, text);
  if (added < -MOST_ADDED || added > MOST_ADDED) throw invalid(field, text, 'is not within -1000000 and 1000000');
  return added;
}

const parentSentence = ({ deck: name, parent, markupPercent, markupAmount }: DeckParent): string =>
  parent === null
    ? `${name} stands on no deck: what it lacks has no price`
    : `${name} stands on ${parent}: what it lacks costs ${formatAmount(markupPercent)}% and ${formatAmount(markupAmount)} a minute more`;

const parentOf = operation({
  name: 'deck parent',
  help: 'let a deck stand on another one: prefixes that it lacks have the prices of that one, with a markup. A deck that does not exist is made',
  example: 'deck parent acme --parent retail --markup-percent 12.5',
  roles: ['prices', 'admin'],
  fields: fields({
    deck,
    parent: Type.Optional(
      textBy(nameField, { description: 'the deck that it stands on', unit: 'deck', example: 'retail' }),
    ),
    markup_percent: Type.Optional(
      textBy(percentField, {
        description: 'added to each amount of a line of the parent, -100 to 1000 per cent; nothing when not given',
        unit: 'percent',
        example: '12.5',
      }),
    ),
    markup_amount: Type.Optional(
      textBy(addedField, {
        description: 'added to each price per minute of a line of the parent; nothing when not given',
        unit: 'amount',
        example: '0.002',
      }),
    ),
    none: Type.Optional(flag('it stands on no deck any more')),
  }),
  arguments: ['deck'],
  refusals: ['deck_not_found', 'deck_in_circle', 'deck_chain_too_long', 'currency_mismatch'],
  changes: 'at once',
  run: (acting, { deck: name, parent, markup_percent: percent, markup_amount: added, none }) => {
    if (none === true && (parent ?? percent ?? added) !== undefined) {
      throw invalid('none', true, 'and a parent or a markup are given: leave one of them out');
    }
    if (none === true) return setParent(acting, name, null);
    if (parent === undefined) throw invalid('parent', '', 'is missing: name the deck, or none');
    const markupPercent = percent === undefined ? ZERO : percentField('markup_percent', percent);
    const markupAmount = added === undefined ? ZERO : addedField('markup_amount', added);
    return setParent(acting, name, { parent, markupPercent, markupAmount });
  },
  answer: {
    kind: 'record',
    schema: factsOf('DeckParent', {
      deck: textFact(),
      currency: CURRENCY_FACT,
      parent: orNull(textFact('the deck that it stands on; null for none')),
      markup_percent: PERCENT_FACT,
      markup_amount: ADDED_FACT,
    }),
    facts: told => ({
      deck: told.deck,
      currency: told.currency,
      parent: told.parent,
      markup_percent: formatAmount(told.markupPercent),
      markup_amount: told.markupAmount,
    }),
    says: parentSentence,
  },
});

export const DECK_OPERATIONS = [
  importRates,
  load,
  preview,
  publish,
  restore,
  list,
  show,
  rates,
  compare,
  weighing,
  remove,
  prune,
  parentOf,
];
