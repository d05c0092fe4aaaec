/** What operations on batches of cards and on batches of vouchers have in common. */
import { type Static, type TObject, Type } from 'typebox';
import { type Issued, type IssueOptions, MOST_AT_ONCE, MOST_SERIAL, type Switched } from '../cards/batch';
import type { BatchView } from '../cards/batches';
import { CODE_DIGITS } from '../cards/codes';
import type { OperatorRequest } from '../operator/acting';
import { amountFact, factsOf, instantFact, orNull, textFact, wholeFact } from '../operator/answer-schema';
import { nameField } from '../operator/fields';
import type { Answer } from '../operator/operation';
import { instant, textBy, whole } from '../operator/schema';
import { CURRENCY_FACT } from './account-operations';

const BATCH = { unit: 'batch', example: 'summer' };

export const newBatch = textBy(nameField, { ...BATCH, description: 'a new name for them' });

/** Also a filter. */
export const batchOf = (description: string) => textBy(nameField, { ...BATCH, description });

export const countOf = (things: string) =>
  whole(1, MOST_AT_ONCE, { description: 'how many; 100,000 take some minutes', unit: things, example: 1_000 });

export const codeDigits = whole(CODE_DIGITS.least, CODE_DIGITS.most, {
  description: `digits of each: ${CODE_DIGITS.least} to ${CODE_DIGITS.most}; ${CODE_DIGITS.usual} if not given`,
  unit: 'digits',
  example: CODE_DIGITS.usual,
});

export const expiryOf = (meaning: string) =>
  instant({
    description: `${meaning}, such as 2026-12-31T18:00 in your zone (TZ)`,
    unit: 'time',
    example: '2026-12-31T18:00:00Z',
  });

/** ms since 1970; undefined if it never expires. */
export const expiryMs = (expires: string | undefined): number | undefined =>
  expires === undefined ? undefined : Date.parse(expires);

export const serialOf = (description: string) => whole(1, MOST_SERIAL, { description, unit: 'serial', example: 17 });

/** The fields that name a part of a batch. */
export const SPAN = {
  batch: batchOf('the batch'),
  from: Type.Optional(serialOf('the first of them; the first of the batch if not given')),
  to: Type.Optional(serialOf('the last of them; the last of the batch if not given')),
};

/** A new batch with its codes, which are never shown again. */
export interface IssuedBatch {
  batch: string;
  issued: readonly Issued[];
}

/** The keys that hash a request's codes, and the functions of the request that are called meanwhile. */
export const issuing = ({ service, onProgress, onIssue }: OperatorRequest): IssueOptions => ({
  keys: service.pinKeys,
  onProgress,
  onIssue,
});

export const ISSUED_FACTS = {
  batch: textFact(),
  count: wholeFact('how many were made'),
  from: orNull(wholeFact('the first serial')),
  to: orNull(wholeFact('the last serial')),
};

/** A new batch without its codes. */
export const issuedFacts = ({ batch, issued }: IssuedBatch): Static<TObject<typeof ISSUED_FACTS>> => ({
  batch,
  count: issued.length,
  from: issued.at(0)?.serial ?? null,
  to: issued.at(-1)?.serial ?? null,
});

/** What a batch is, besides what cards or vouchers alone have. */
export const BATCH_FACTS = {
  batch: textFact(),
  count: wholeFact('how many are in it'),
  from: wholeFact('the first serial'),
  to: wholeFact('the last serial'),
  value: amountFact('of each'),
  currency: CURRENCY_FACT,
  expires_at: orNull(instantFact('what they were made with; null for never')),
  created_at: instantFact(),
};

/** The facts of a batch that `BATCH_FACTS` declares. */
export const batchFacts = (view: BatchView<string>): Static<TObject<typeof BATCH_FACTS>> => ({
  batch: view.batch,
  count: view.count,
  from: view.from,
  to: view.to,
  value: view.value,
  currency: view.currency,
  expires_at: view.expiresAt,
  created_at: view.createdAt,
});

const SWITCHED = factsOf('BatchSwitched', {
  batch: textFact(),
  from: wholeFact('the first serial'),
  to: wholeFact('the last serial'),
  changed: wholeFact('how many were changed'),
  unchanged: wholeFact('how many were left as they were'),
});

/** How many of a span were changed. `state`: their state now. */
export const switchedTo = (state: string): Answer<Switched, typeof SWITCHED> => ({
  kind: 'record',
  schema: SWITCHED,
  facts: switched => ({ ...switched }),
  says: ({ batch, from, to, changed, unchanged }) => {
    const rest = unchanged > 0 ? `, ${unchanged} left as they were` : '';
    return `${batch}, serials ${from} to ${to}: ${changed} are ${state} now${rest}`;
  },
});
