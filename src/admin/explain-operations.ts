/** The price of a call that was made, from its record alone: the same answer forever, whatever became of its deck. Nothing is changed. */
import type { Knex } from 'knex';
import { type Static, Type } from 'typebox';
import { callNamed, revenueOf } from '../accounts/call-view';
import { entriesOfCall, type LedgerEntryView } from '../accounts/ledger-view';
import { ENTRY_KINDS } from '../credit/books';
import type { CallRecord } from '../credit/rules/call';
import { chargeFor } from '../credit/rules/charge';
import { type Micros, micros, parseAmount, ZERO } from '../money/micros';
import { amountFact, factsOf, instantFact, listFact, orNull, wholeFact, wordFact } from '../operator/answer-schema';
import { fields, operation } from '../operator/operation';
import type { Visible } from '../operator/visible';
import type { EventView } from '../webhooks/event-store';
import {
  type CallShown,
  rateFacts,
  rateText,
  STEPS_FACT,
  shownFacts,
  stepFacts,
  stepsOf,
  uniqueid,
  WITH_REVENUE,
} from './call-operations';
import { eventsOf } from './evidence-operations';

/** Whether the price, computed anew, is what the call costs and what the ledger took; `corrected` where it is and an entry changed that later. */
export const PRICE_VERDICTS = ['in_progress', 'same', 'corrected', 'differs'] as const;
type PriceVerdict = (typeof PRICE_VERDICTS)[number];

/** The kinds of events that change what a call holds, in the order of its life. */
const HOLDS = ['authorised', 'extended', 'shrunk'] as const;
type HoldKind = (typeof HOLDS)[number];

/** What a call held from a moment on. */
interface Hold {
  kind: HoldKind;
  at: Date;
  /** As the event has it: a decimal text. */
  maxCost: string;
  grantedSeconds: number;
}

/** A call with its price computed anew, and what the ledger has of it. */
export interface CallExplained extends CallShown {
  verdict: PriceVerdict;
  /** What its times cost at its own rate; null while it is in progress. */
  computedCost: Micros | null;
  /** What the ledger took when it ended; 0 for no entry. */
  charged: Micros;
  /** The oldest first. */
  holds: Hold[];
  /** The oldest first. */
  entries: LedgerEntryView[];
}

/**
 * What a call cost and why, by the function that charged it.
 * @throws Refused call_not_found, also for one that is not visible; DatabaseFault.
 */
export async function explainCall(
  database: Knex,
  visible: Visible,
  named: string,
  steps: (call: CallRecord) => CallShown['steps'],
): Promise<CallExplained> {
  const call = await callNamed(database, visible, named);
  const revenue = await revenueOf(database, call);
  const entries = await entriesOfCall(database, call);
  const events = await eventsOf(database, visible, call);
  const { answerAt, endAt, cost } = call;
  const computedCost = endAt === null ? null : chargeFor(call, { answerAt, endAt }).cost;
  const charged = micros(-(entries.find(({ kind }) => kind === 'call_charge')?.amount ?? ZERO));
  return {
    call,
    revenue,
    steps: steps(call),
    verdict: verdictOf({ computedCost, cost, charged, corrected: revenue.corrected }),
    computedCost,
    charged,
    holds: events.flatMap(holdOf),
    entries,
  };
}

/** Pure. */
export function verdictOf({
  computedCost,
  cost,
  charged,
  corrected,
}: Pick<CallExplained, 'computedCost' | 'charged'> & { cost: Micros; corrected: Micros }): PriceVerdict {
  if (computedCost === null) return 'in_progress';
  if (computedCost !== cost || cost !== charged) return 'differs';
  return corrected === ZERO ? 'same' : 'corrected';
}

const isHold = (kind: string): kind is HoldKind => (HOLDS as readonly string[]).includes(kind);

const holdOf = ({ kind, createdAt, facts }: EventView): Hold[] =>
  isHold(kind)
    ? [{ kind, at: createdAt, maxCost: String(facts.max_cost), grantedSeconds: Number(facts.granted_seconds) }]
    : [];

const HOLD = factsOf('CallHold', {
  at: instantFact(),
  kind: wordFact(HOLDS, 'authorised: at the start'),
  max_cost: amountFact('what was ring-fenced from then on'),
  granted_seconds: wholeFact('the talk that it paid for'),
});

const MOVEMENT = factsOf('CallMovement', {
  created_at: instantFact(),
  kind: wordFact(ENTRY_KINDS),
  balance_before: amountFact(),
  amount: amountFact('below 0 for a charge'),
  balance_after: amountFact(),
});

export const CALL_EXPLAINED = Type.Object({
  ...WITH_REVENUE.properties,
  verdict: wordFact(
    PRICE_VERDICTS,
    'same: computed_cost, cost and charged are one amount; corrected: they are, and a correction changed it later; differs: they are not, ask "verify"',
  ),
  computed_cost: orNull(
    amountFact(
      'what its times cost at its own rate, computed anew, never more than max_cost; null while it is in progress',
    ),
  ),
  charged: amountFact('what the ledger took for it at its end; 0.00 if it took nothing'),
  returned: orNull(
    amountFact('max_cost − cost: what was ring-fenced and given back at the end; null while it is in progress'),
  ),
  holds: listFact(
    HOLD,
    'what was reserved, extended and given up, the oldest first; events are kept for RINGFENCE_EVENT_DAYS, later this is empty and max_cost alone tells it',
  ),
  movements: listFact(MOVEMENT, 'the entries that it caused, and refunds that name it, the oldest first'),
  steps: STEPS_FACT,
});

/** All facts of it. */
export function explainedCallFacts(explained: CallExplained): Static<typeof CALL_EXPLAINED> {
  const { call, verdict, computedCost, charged, holds, entries, steps } = explained;
  return {
    ...shownFacts(explained),
    verdict,
    computed_cost: computedCost,
    charged,
    returned: call.endAt === null ? null : micros(call.maxCost - call.cost),
    holds: holds.map(({ at, kind, maxCost, grantedSeconds }) => ({
      at,
      kind,
      max_cost: parseAmount(maxCost),
      granted_seconds: grantedSeconds,
    })),
    movements: entries.map(({ createdAt, kind, amount, balanceAfter }) => ({
      created_at: createdAt,
      kind,
      balance_before: micros(balanceAfter - amount),
      amount,
      balance_after: balanceAfter,
    })),
    steps: stepFacts(steps),
  };
}

const callExplain = operation({
  name: 'call explain',
  help: 'why a call cost what it did: its price computed anew at its own rate, compared with what was charged; what was held, and the balance before and after',
  example: 'call explain ast1-1767225600.42',
  roles: ['read', 'support', 'cashier', 'prices', 'admin'],
  fields: fields({ uniqueid }),
  arguments: ['uniqueid'],
  refusals: ['call_not_found'],
  run: ({ database, visible }, input) =>
    explainCall(database, visible, input.uniqueid, call => stepsOf(call, rateText(call), rateFacts(call))),
  answer: {
    kind: 'record',
    schema: factsOf('CallExplained', CALL_EXPLAINED.properties),
    facts: explainedCallFacts,
  },
});

export const EXPLAIN_OPERATIONS = [callExplain];
