/** Calls in progress as the ledger has them, for pages that show them. */
import type { Ledger } from '../../src/credit/ledger';
import type { CallEnd } from '../../src/credit/rules/charge';
import type { StartRequest } from '../../src/credit/rules/start';
import { callOf, endOf, talked } from '../credit/ledger-fixture';
import type { TestDatabase } from '../database/test-database';

export interface LiveCalls {
  /** A call that arrived two seconds ago, by the clock of this machine. */
  begin(accountcode: string, more?: Partial<StartRequest>): Promise<StartRequest>;
  /** It is answered `secondsAgo`. */
  answer(call: StartRequest, trunk?: string, secondsAgo?: number): Promise<void>;
  /** It ends now, after a second of talk if nothing else is said. */
  end(call: StartRequest, more?: Partial<CallEnd>): Promise<void>;
  /** Whatever is in progress is gone, without an end. */
  forget(): Promise<void>;
}

export const liveCallsOn = (ledger: Ledger, { database }: Pick<TestDatabase, 'database'>): LiveCalls => ({
  async begin(accountcode, more = {}) {
    const request = callOf(accountcode, { startAt: Date.now() - 2_000, ...more });
    const { refusal } = (await ledger.start(request)) as { refusal?: string };
    if (refusal !== undefined) throw new Error(`the call of ${accountcode} was refused: ${refusal}`);
    return request;
  },
  async answer({ uniqueid, accountcode }, trunk = 'main', secondsAgo = 1) {
    await ledger.answered({ uniqueid, accountcode, trunk, answerAt: Date.now() - secondsAgo * 1_000 });
  },
  async end(call, more = {}) {
    await ledger.end(endOf(call, talked(1, { answerAt: Date.now() - 1_000, endAt: Date.now(), ...more }), 'main'));
  },
  async forget() {
    await database('astcdr').whereNull('end_at').update({ end_at: new Date(), disposition: 'FAILED' });
    await database('astcreditres').delete();
    await database('astaccount').update({ reserved: 0, active_calls: 0, time_reserved: 0 });
  },
});
