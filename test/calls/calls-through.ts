import { type CallOptions, placeCall, startCalls } from '../../lab/servers/sipp';
import { addAccount } from '../credit/ledger-fixture';
import type { TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';

/** Calls through one switch, real or a proxy, and what the database then has of them. */
export interface CallsThrough {
  /** Calls from 127.0.0.5; the From user is the account. */
  call(account: string, to: string, more?: Partial<CallOptions>): ReturnType<typeof placeCall>;
  begin(account: string, to: string, more?: Partial<CallOptions>): ReturnType<typeof startCalls>;
  account(accountcode: string, balance: string, more?: Record<string, unknown>): Promise<void>;
  /** CDRs of an account, in order of their start. */
  cdrs(accountcode: string): Promise<Record<string, unknown>[]>;
  /** Resolves when a call of the account talks, with its CDR. */
  answered(accountcode: string): Promise<Record<string, unknown>>;
  /** Resolves when every call of the account has ended, with its CDRs. */
  settled(accountcode: string, calls?: number): Promise<Record<string, unknown>[]>;
}

/** `sip`: the switch's address for calls. */
export function callsThrough(sip: string, test: TestDatabase): CallsThrough {
  const cdrs = async (accountcode: string): Promise<Record<string, unknown>[]> =>
    test.database('astcdr').where({ accountcode }).orderBy('start_at');
  return {
    call: (account, to, more = {}) => placeCall({ sip, from: '127.0.0.5', fromUser: account, to, ...more }),
    begin: (account, to, more = {}) => startCalls({ sip, from: '127.0.0.5', fromUser: account, to, ...more }),
    account: (accountcode, balance, more) => addAccount(test, accountcode, balance, more),
    cdrs,
    answered: accountcode =>
      eventually(
        async () => (await cdrs(accountcode)).find(({ answer_at, end_at }) => answer_at && !end_at) ?? null,
        `a talk of ${accountcode}`,
      ),
    settled: (accountcode, calls = 1) =>
      eventually(
        async () => {
          const rows = await cdrs(accountcode);
          return rows.length >= calls && rows.every(row => row.end_at !== null) ? rows : null;
        },
        `${calls} settled calls of ${accountcode}`,
        30_000,
      ),
  };
}
