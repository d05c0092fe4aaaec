import type { Row } from '../database/rows';
import { amountOf } from '../database/values';
import { formatAmount, type Micros, micros, ZERO } from '../money/micros';
import type { EntryKind } from './books';
import type { Difference } from './difference';
import { SPEND_WINDOWS, type SpendWindow } from './rules/spend';

/** A counter of an account: what it spent in a window, and behind which entry that began. */
interface Counter {
  window: SpendWindow;
  counted: Micros;
  afterEntry: number;
  sum: Micros;
}

/** The kinds of entries that count against limits of spend. */
export const SPENDING_KINDS: readonly EntryKind[] = ['call_charge', 'correction'];

const COUNTS: ReadonlySet<EntryKind> = new Set(SPENDING_KINDS);

/** What some accounts say that they spent in their windows, beside the sums of those entries. Pure; memory follows the number of accounts with limits. */
export class SpentSums {
  private readonly counters = new Map<string, Counter[]>();

  /** `accounts`: rows of accounts with limits; what was never counted is left out. */
  constructor(accounts: readonly Row[]) {
    for (const row of accounts) {
      if (row.spent_at === null) continue;
      const limited = SPEND_WINDOWS.filter(window => row[`max_spend_${window}`] !== null);
      const counterOf = (window: SpendWindow): Counter => ({
        window,
        counted: amountOf(row[`spent_${window}`]),
        afterEntry: row[`spent_${window}_after`],
        sum: ZERO,
      });
      this.counters.set(row.accountcode, limited.map(counterOf));
    }
  }

  add({ accountcode, entry_number, kind, amount }: Row): void {
    const counters = this.counters.get(accountcode);
    if (!counters || !COUNTS.has(kind)) return;
    for (const counter of counters) {
      if (entry_number > counter.afterEntry) counter.sum = micros(counter.sum - amountOf(amount));
    }
  }

  get differences(): Difference[] {
    return [...this.counters].flatMap(([accountcode, counters]) =>
      counters
        .filter(({ counted, sum }) => counted !== sum)
        .map(({ window, counted, afterEntry, sum }): Difference => {
          const text = `spent_${window} ${formatAmount(counted)}, its charges and corrections behind entry ${afterEntry} add up to ${formatAmount(sum)}`;
          return { rule: 'spent_is_sum_of_charges', accountcode, uniqueid: null, text };
        }),
    );
  }
}
