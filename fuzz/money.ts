/**
 * Which money the answers say was moved, and which the ledger has moved: both must be the same to the last entry.
 *
 * Not a copy of the ledger's rules: it believes an answer that something was done, and takes the amount from what was asked.
 */
import type { Knex } from 'knex';
import { amountOf } from '../src/database/values';
import { formatAmount, type Micros, micros, parseAmount, ZERO } from '../src/money/micros';

/** An entry of the ledger, without its number and time. */
interface Entry {
  accountcode: string;
  kind: string;
  reference: string;
  amount: Micros;
}

/** What was asked, and what was answered with 2xx. */
export interface Done {
  operation: string;
  /** The fields as they were sent. */
  asked: Readonly<Record<string, unknown>>;
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any answer
  told: any;
  /** The answer of an earlier request. */
  isRepeat: boolean;
}

const KINDS: Readonly<Record<string, string>> = {
  accountTopup: 'top_up',
  accountRefund: 'refund',
  accountAdjust: 'adjustment',
};

const nameOf = ({ accountcode, kind, reference }: Omit<Entry, 'amount'>): string =>
  JSON.stringify([accountcode, kind, reference]);

export class Money {
  /** The entries that there must be, by account, kind and reference. */
  private readonly entries = new Map<string, Micros>();
  /** Movements that wait for a second person, by the number of their request. */
  private readonly waiting = new Map<number, Entry>();
  private readonly approved: { approval: number; amount: string }[] = [];
  /** The value of each card, and of each voucher, by serial; how many cards of a batch were activated. */
  private readonly cards = new Map<number, { batch: string; value: Micros }>();
  private readonly vouchers = new Map<number, { code: string; value: Micros }>();
  private readonly activated = new Map<string, number>();
  /** What the calls of each pool may use together. */
  private readonly pools = new Map<string, Micros>();
  /** Every credit limit that was asked for, or was there, by account. */
  private readonly creditLimits = new Map<string, Set<Micros>>();
  private readonly problems: string[] = [];

  /** Takes what is there now for asked. */
  async begin(database: Knex): Promise<void> {
    for (const entry of await entriesIn(database)) this.entries.set(nameOf(entry), entry.amount);
    for (const row of await database('astaccount').select('accountcode', 'kind', 'credit_limit')) {
      if (row.kind === 'pool') this.pools.set(row.accountcode, amountOf(row.credit_limit));
      else this.allowLimit(row.accountcode, amountOf(row.credit_limit));
    }
  }

  /** Notes what was done. */
  heard({ operation, asked, status, told, isRepeat }: Done): void {
    if (isRepeat) return;
    switch (operation) {
      case 'accountTopup':
      case 'accountRefund':
      case 'accountAdjust': {
        const entry = {
          accountcode: String(asked.accountcode),
          kind: KINDS[operation] as string,
          reference: String(asked.reference ?? asked.call),
          amount: parseAmount(String(asked.amount)),
        };
        if (status === 202) this.waiting.set(told.approval, entry);
        else if (told.moved) this.expect(entry);
        return;
      }
      case 'approvalApprove':
        if (told.moved) this.approved.push({ approval: told.approval, amount: told.amount });
        return;
      case 'accountCreate': {
        const accountcode = String(asked.accountcode);
        const amount = parseAmount(String(asked.balance ?? '0'));
        if (amount !== ZERO) this.expect({ accountcode, kind: 'top_up', reference: 'opening', amount });
        this.allowLimit(accountcode, parseAmount(String(asked.credit_limit ?? '0')));
        return;
      }
      case 'accountSet':
        if (asked.credit_limit !== undefined) {
          this.allowLimit(String(asked.accountcode), parseAmount(String(asked.credit_limit)));
        }
        return;
      case 'poolRaise': {
        const accountcode = `pool:${asked.customer}`;
        const raised = (this.pools.get(accountcode) ?? ZERO) + parseAmount(String(asked.amount));
        this.pools.set(accountcode, micros(raised));
        return;
      }
      case 'cardGenerate':
        for (const { serial } of told.cards) {
          this.cards.set(serial, { batch: told.batch, value: parseAmount(String(asked.value)) });
        }
        return;
      case 'cardActivate':
        this.activated.set(told.batch, (this.activated.get(told.batch) ?? 0) + told.changed);
        return;
      case 'voucherGenerate':
        for (const { serial, code } of told.vouchers) {
          this.vouchers.set(serial, { code, value: parseAmount(String(asked.value)) });
        }
        return;
      case 'voucherRedeem': {
        const voucher = this.vouchers.get(told.serial);
        const code = String(asked.code).replace(/[\s-]/g, '');
        if (voucher?.code !== code) {
          this.problems.push(`voucher ${told.serial} was redeemed by a code that is not its own`);
          return;
        }
        const cause = { accountcode: String(asked.accountcode), kind: 'top_up', reference: `voucher-${told.serial}` };
        this.expect({ ...cause, amount: voucher.value });
        return;
      }
    }
  }

  /**
   * Everything in the books that was not asked for, and everything that was said to be done and is not there; a line each. Assumes that no
   * request is in progress.
   */
  async differences(database: Knex): Promise<string[]> {
    for (const { approval, amount } of this.approved.splice(0)) {
      const entry = this.waiting.get(approval);
      if (entry && entry.amount === parseAmount(amount)) this.expect(entry);
      else this.problems.push(`approval ${approval} of ${amount} moved what was not asked for so`);
    }
    return [
      ...this.problems,
      ...(await this.differencesOfCards(database)),
      ...(await this.differencesOfEntries(database)),
      ...(await this.differencesOfLimits(database)),
    ];
  }

  private async differencesOfCards(database: Knex): Promise<string[]> {
    const found = new Map<string, number>();
    for (const { serial, batch, accountcode } of await database('astcard').whereNotNull('accountcode')) {
      found.set(batch, (found.get(batch) ?? 0) + 1);
      const amount = this.cards.get(Number(serial))?.value ?? ZERO;
      if (amount !== ZERO) this.entries.set(nameOf({ accountcode, kind: 'top_up', reference: accountcode }), amount);
    }
    return [...new Set([...found.keys(), ...this.activated.keys()])]
      .filter(batch => (found.get(batch) ?? 0) !== (this.activated.get(batch) ?? 0))
      .map(
        batch =>
          `of batch ${JSON.stringify(batch)} ${found.get(batch) ?? 0} cards are activated, and ${this.activated.get(batch) ?? 0} were said to be`,
      );
  }

  private async differencesOfEntries(database: Knex): Promise<string[]> {
    const found = new Map((await entriesIn(database)).map(entry => [nameOf(entry), entry.amount]));
    const told = (amount: Micros | undefined) => (amount === undefined ? 'nothing' : formatAmount(amount));
    return [...new Set([...found.keys(), ...this.entries.keys()])]
      .filter(name => found.get(name) !== this.entries.get(name))
      .map(
        name => `entry ${name}: the ledger has ${told(found.get(name))}, asked for was ${told(this.entries.get(name))}`,
      );
  }

  private async differencesOfLimits(database: Knex): Promise<string[]> {
    const rows = await database('astaccount').select('accountcode', 'kind', 'credit_limit');
    return rows.flatMap(({ accountcode, kind, credit_limit }) => {
      const limit = amountOf(credit_limit);
      const isAsked =
        kind === 'pool' ? this.pools.get(accountcode) === limit : this.creditLimits.get(accountcode)?.has(limit);
      // A card's account is opened without one.
      if (isAsked || (limit === ZERO && !this.creditLimits.has(accountcode))) return [];
      return [`${JSON.stringify(accountcode)} has a limit of ${formatAmount(limit)}, which no request asked for`];
    });
  }

  private expect(entry: Entry): void {
    const name = nameOf(entry);
    if (this.entries.has(name)) this.problems.push(`entry ${name} was said to be made a second time`);
    this.entries.set(name, entry.amount);
  }

  private allowLimit(accountcode: string, limit: Micros): void {
    const limits = this.creditLimits.get(accountcode) ?? new Set([ZERO]);
    this.creditLimits.set(accountcode, limits.add(limit));
  }
}

async function entriesIn(database: Knex): Promise<Entry[]> {
  const rows = await database('astledger').select('accountcode', 'kind', 'reference', 'amount');
  return rows.map(row => ({ ...row, amount: amountOf(row.amount) }));
}
