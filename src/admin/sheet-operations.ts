/** What an operator may keep of how a carrier's sheets are read. */
import { type Static, Type } from 'typebox';
import {
  columnNamesField,
  columnsOf,
  incrementsField,
  SHEET_HYPHENS,
  SHEET_MARKS,
  SHEET_MEANINGS,
  SHEET_ORDERS,
  SHEET_SEPARATORS,
  type SheetMeaning,
} from '../decks/sheet';
import { forgetSheet, type KeptSheet, keepSheet, keptSheet } from '../decks/sheet-store';
import { factsOf, instantFact, listFact, orNull, textFact, wordFact } from '../operator/answer-schema';
import { nameField } from '../operator/fields';
import { fields, operation } from '../operator/operation';
import { listField, oneOf, textBy } from '../operator/schema';

const deck = textBy(nameField, {
  description: 'the deck that the sheets are imported into',
  unit: 'deck',
  example: 'carrier',
});

const MEANING = { description: 'what it stands for; out for a column that is left out', unit: 'meaning' };

const SHEET = factsOf('Sheet', {
  deck: textFact(),
  columns: listFact(
    factsOf('SheetColumn', {
      name: textFact('as the sheet has it; empty where it has none'),
      meaning: wordFact(SHEET_MEANINGS, MEANING.description),
    }),
    'in the order of the sheet',
  ),
  separator: wordFact(SHEET_SEPARATORS, 'what separates its columns'),
  increments: orNull(textFact('such as 60/1, where the sheet has none')),
  hyphen: orNull(wordFact(SHEET_HYPHENS, 'what a hyphen between digits means, where the sheet leaves it open')),
  mark: orNull(wordFact(SHEET_MARKS, 'the decimal mark, where the sheet leaves it open')),
  order: orNull(wordFact(SHEET_ORDERS, 'how its days are written, where the sheet leaves it open')),
  kept_by: textFact('the actor, as the audit trail names it'),
  kept_at: instantFact(),
});

const sheetFacts = ({ keptBy, keptAt, columns, ...sheet }: KeptSheet): Static<typeof SHEET> => ({
  deck: sheet.deck,
  columns: columns.map(({ name, meaning }) => ({ name, meaning })),
  separator: sheet.separator,
  increments: sheet.increments,
  hyphen: sheet.hyphen,
  mark: sheet.mark,
  order: sheet.order,
  kept_by: keptBy,
  kept_at: keptAt,
});

const show = operation({
  name: 'sheet show',
  help: "how the sheets of a deck's carrier are read, as it was kept at the last import",
  example: 'sheet show carrier',
  roles: ['read', 'support', 'prices', 'admin'],
  fields: fields({ deck }),
  arguments: ['deck'],
  refusals: ['sheet_not_found'],
  run: ({ database }, input) => keptSheet(database, input.deck),
  answer: { kind: 'record', schema: SHEET, facts: sheetFacts },
});

const keep = operation({
  name: 'sheet keep',
  help: "keep how the sheets of a deck's carrier are read, for its next file",
  example: 'sheet keep carrier --names Code,Destination,Rate --meanings code,name,price --increments 60/1',
  roles: ['prices', 'admin'],
  fields: fields({
    deck,
    names: listField<string>(Type.String(), columnNamesField, {
      description: 'the columns of the sheet, in its order; empty where it has no names',
      unit: 'names',
      example: ['Code', 'Destination', 'Rate'],
    }),
    meanings: listField<SheetMeaning>(oneOf(SHEET_MEANINGS, MEANING), meanings => meanings, {
      description: `what each of them stands for: ${SHEET_MEANINGS.join(', ')}`,
      unit: 'meanings',
      example: ['code', 'name', 'price'],
    }),
    separator: Type.Optional(
      oneOf(SHEET_SEPARATORS, {
        description: 'what separates its columns; a comma if not given',
        unit: 'separator',
        example: 'semicolon',
      }),
    ),
    increments: Type.Optional(
      textBy(incrementsField, { description: 'where the sheet has none', unit: 'increments', example: '60/1' }),
    ),
    hyphen: Type.Optional(
      oneOf(SHEET_HYPHENS, {
        description: 'what 425-426 means: a range, or a country with its area',
        unit: 'hyphen',
        example: 'range',
      }),
    ),
    mark: Type.Optional(oneOf(SHEET_MARKS, { description: 'the decimal mark', unit: 'mark', example: 'point' })),
    order: Type.Optional(
      oneOf(SHEET_ORDERS, {
        description: 'how days are written: 31/12/2026, or 12/31/2026',
        unit: 'order',
        example: 'dmy',
      }),
    ),
  }),
  arguments: ['deck'],
  refusals: [],
  changes: 'at once',
  run: (acting, { deck: name, names, meanings, separator = 'comma', increments, hyphen, mark, order }) =>
    keepSheet(acting, name, {
      columns: columnsOf(columnNamesField(names), meanings),
      separator,
      increments: increments ?? null,
      hyphen: hyphen ?? null,
      mark: mark ?? null,
      order: order ?? null,
    }),
  answer: { kind: 'record', schema: SHEET, facts: sheetFacts },
});

const remove = operation({
  name: 'sheet remove',
  help: "forget how the sheets of a deck's carrier are read",
  example: 'sheet remove carrier',
  roles: ['prices', 'admin'],
  fields: fields({ deck }),
  arguments: ['deck'],
  refusals: ['sheet_not_found'],
  changes: 'at once',
  run: async (acting, input) => {
    await forgetSheet(acting, input.deck);
    return input;
  },
  answer: {
    kind: 'record',
    schema: factsOf('SheetRemoved', { deck: textFact() }),
    facts: input => ({ deck: input.deck }),
    says: input => `nothing is kept of the sheets of ${input.deck} any more`,
  },
});

export const SHEET_OPERATIONS = [show, keep, remove];
