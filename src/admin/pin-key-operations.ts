/** What an administrator may see and do of the keys of RINGFENCE_PIN_KEY, when one is replaced. */
import type { Knex } from 'knex';
import type { Static } from 'typebox';
import { type FactorsRenewed, factorsByKey, renewFactors } from '../access/factor-key-store';
import { codesByKey } from '../cards/code-keys';
import { factsOf, listFact, orNull, textFact, wholeFact, wordFact } from '../operator/answer-schema';
import { fields, operation, PAGE, rowsOf } from '../operator/operation';
import { printOf } from '../operator/pin-key';

const STATES = ['newest', 'older', 'missing'] as const;

/** A key, and what it hashed or encrypted that may still be used. */
interface PinKeyView {
  /** A print of it; null for keys that are not known. */
  key: string | null;
  state: (typeof STATES)[number];
  cards: number;
  vouchers: number;
  secondFactors: number;
}

/** The keys in the order of the setting, then those that the setting lacks and something needs. @throws DatabaseFault */
async function pinKeysInUse(database: Knex, keys: readonly string[]): Promise<PinKeyView[]> {
  const [cards, vouchers] = [await codesByKey(database, 'card'), await codesByKey(database, 'voucher')];
  const { counts, unreadable } = await factorsByKey(database, keys);
  const view = (key: string, state: PinKeyView['state'], secondFactors: number): PinKeyView => ({
    key,
    state,
    cards: cards.get(key) ?? 0,
    vouchers: vouchers.get(key) ?? 0,
    secondFactors,
  });
  const prints = keys.map(printOf);
  const missing = [...new Set([...cards.keys(), ...vouchers.keys()])].filter(key => !prints.includes(key)).sort();
  return [
    ...prints.map((key, place) => view(key, place === 0 ? 'newest' : 'older', counts[place] ?? 0)),
    ...missing.map(key => view(key, 'missing', 0)),
    // What a key encrypted names none: which one it was is not known.
    ...(unreadable.length === 0
      ? []
      : [{ key: null, state: 'missing' as const, cards: 0, vouchers: 0, secondFactors: unreadable.length }]),
  ];
}

const PIN_KEY = factsOf('PinKey', {
  key: orNull(textFact('a print of it, as cards and vouchers have it; null for second factors that no key opens')),
  state: wordFact(
    STATES,
    'newest: hashes and encrypts from now on; older: is still needed where a number is not 0; missing: RINGFENCE_PIN_KEY lacks it, and what needs it cannot be used',
  ),
  cards: wholeFact('cards whose PINs it hashed, without those that have expired; a PIN is hashed anew when it is used'),
  vouchers: wholeFact('vouchers whose codes it hashed, without those that are redeemed or have expired'),
  second_factors: wholeFact('second factors of people that it encrypted'),
});

const list = operation({
  name: 'pin-key list',
  help: 'the keys of RINGFENCE_PIN_KEY by their prints, and what needs each: an older key without cards, vouchers and second factors may be removed',
  example: 'pin-key list',
  roles: ['admin'],
  fields: fields(PAGE),
  arguments: [],
  refusals: [],
  run: async ({ database, service }, page) => {
    const all = await pinKeysInUse(database, service.pinKeys);
    const { limit, offset } = rowsOf(page);
    return { items: all.slice(offset, offset + limit), total: all.length };
  },
  answer: {
    kind: 'list',
    schema: PIN_KEY,
    facts: ({ key, state, cards, vouchers, secondFactors }: PinKeyView): Static<typeof PIN_KEY> => ({
      key,
      state,
      cards,
      vouchers,
      second_factors: secondFactors,
    }),
    none: 'RINGFENCE_PIN_KEY is not set, and nothing needs a key',
  },
});

const RENEWED = factsOf('PinKeyRenewed', {
  key: textFact('the print of the newest key'),
  renewed: wholeFact('second factors that were encrypted anew with it'),
  unreadable: listFact(textFact(), 'people whose second factor no key of RINGFENCE_PIN_KEY opens: "operator reset"'),
});

const renew = operation({
  name: 'pin-key renew',
  help: 'encrypt with the newest key of RINGFENCE_PIN_KEY what an older one encrypted: second factors of people. PINs of cards are hashed anew when they are used, codes of vouchers never',
  example: 'pin-key renew',
  roles: ['admin'],
  fields: fields({}),
  arguments: [],
  refusals: ['pin_key_missing'],
  changes: 'in steps',
  run: (request): Promise<FactorsRenewed> => renewFactors(request, request.service.pinKeys, request.onProgress),
  answer: {
    kind: 'record',
    schema: RENEWED,
    facts: ({ key, renewed, unreadable }): Static<typeof RENEWED> => ({ key, renewed, unreadable }),
    says: ({ key, renewed, unreadable }) => {
      const done = `${renewed} second factors are encrypted anew with the key ${key}`;
      if (unreadable.length === 0) return `${done}; "pin-key list" shows what still needs an older key`;
      return `${done}; no key opens those of ${unreadable.join(', ')}: add the key that does, or use "operator reset"`;
    },
  },
});

export const PIN_KEY_OPERATIONS = [list, renew];
