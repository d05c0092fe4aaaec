import type { Knex } from 'knex';
import { type AccountView, findAccount, listAccounts } from '../../accounts/account-store';
import { customerOf } from '../../accounts/pools';
import { CDR_COLUMNS, callOf } from '../../credit/cdr-columns';
import type { CallRecord } from '../../credit/rules/call';
import { orFault } from '../../database/fault';
import { micros } from '../../money/micros';
import { EVERYTHING } from '../../operator/visible';
import type { ClientView } from './cnxcc-rows';

/** A customer with calls in progress, on any switch. */
export type Customer = Omit<ClientView, 'client'> & { customer: string };

/** What the door reads of pools and their calls. Every method rejects with DatabaseFault. */
export interface CnxccStore {
  /** The pool with that accountcode; null if none of its calls is in progress. */
  customer(accountcode: string): Promise<Customer | null>;
  /** Pools with calls in progress, in the order of their codes, at most `most`. */
  customers(most: number): Promise<Customer[]>;
  /** How many calls of pools are in progress on a switch. */
  callsOn(node: string): Promise<number>;
}

/** `callIdIn`: the switch's own name for a call. */
export function cnxccStore(database: Knex, callIdIn: (uniqueid: string) => string): CnxccStore {
  const openCalls = async (accountcodes: readonly string[]): Promise<CallRecord[]> => {
    const rows = await database('astcreditres')
      .join('astcdr', 'astcdr.uniqueid', 'astcreditres.uniqueid')
      .whereIn('astcreditres.accountcode', [...accountcodes])
      .orderBy(['astcdr.start_at', 'astcdr.uniqueid'])
      .select(CDR_COLUMNS.map(column => `astcdr.${column}`));
    return rows.map(callOf);
  };
  const withCalls = async (pools: readonly AccountView[]): Promise<Customer[]> => {
    const calls = await openCalls(pools.map(({ accountcode }) => accountcode));
    const byAccount = new Map<string, CallRecord[]>(pools.map(({ accountcode }) => [accountcode, []]));
    for (const call of calls) byAccount.get(call.accountcode)?.push(call);
    return pools.map(pool => ({
      customer: customerOf(pool),
      charged: micros(-pool.balance),
      maxCredit: pool.creditLimit,
      timeUsedSeconds: pool.timeUsedSeconds,
      maxTimeSeconds: pool.maxTimeSeconds,
      maxChannels: pool.maxChannels,
      calls: (byAccount.get(pool.accountcode) ?? []).map(call => ({ ...call, callId: callIdIn(call.uniqueid) })),
    }));
  };
  return {
    customer: accountcode =>
      orFault(async () => {
        const pool = await findAccount(database, EVERYTHING, accountcode);
        if (pool?.kind !== 'pool' || pool.activeCalls === 0) return null;
        const [customer] = await withCalls([pool]);
        return customer ?? null;
      }),

    customers: most =>
      orFault(async () => {
        const { items } = await listAccounts(
          database,
          EVERYTHING,
          { kind: 'pool', live: true },
          { limit: most, offset: 0 },
        );
        return items.length === 0 ? [] : withCalls(items);
      }),

    callsOn: node =>
      orFault(async () => {
        const [counted] = await database('astcreditres')
          .join('astaccount', 'astaccount.accountcode', 'astcreditres.accountcode')
          .where({ 'astcreditres.node': node, 'astaccount.kind': 'pool' })
          .count({ calls: '*' });
        return Number(counted?.calls);
      }),
  };
}
