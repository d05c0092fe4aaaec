/** Trunks, routes, prices and a day of calls for the console's pages of trunks. */
import { randomUUID } from 'node:crypto';
import { addAccount, addDeck } from '../credit/ledger-fixture';
import type { TestDatabase } from '../database/test-database';

/** A carrier's price list may call a destination whatever it likes. */
export const ATTACK = '<img src=x onerror=document.title=1>';
export const RIGHT_TO_LEFT = 'حساب \u202eשלום';

type Db = Pick<TestDatabase, 'database' | 'url'>;

export async function fillTrunks(db: TestDatabase): Promise<void> {
  await addDeck(db, 'retail', [
    { prefix: '49', destination: 'Germany', price_per_minute: '0.06' },
    { prefix: '44', destination: `${ATTACK} ${RIGHT_TO_LEFT}`, price_per_minute: '0.01' },
  ]);
  await addDeck(db, 'cheap-cost', [
    { prefix: '49', destination: 'Germany', price_per_minute: '0.0105' },
    { prefix: '44', destination: `${ATTACK} UK`, price_per_minute: '0.02' },
  ]);
  await addAccount(db, 'alice', '5');
  await addAccount(db, 'poor', '0');
  await addTrunks(db, { main: { cost_deck: 'cheap-cost' }, backup: {}, spare: { enabled: 0 }, world: {} });
  await addRoutes(db, [
    ['', 'world', 10],
    ['44', 'main', 10],
    ['49', 'main', 10],
    ['49', 'backup', 20],
    ['49', 'spare', 30],
  ]);
}

export async function addTrunks({ database }: Db, trunks: Record<string, Record<string, unknown>>): Promise<void> {
  const rows = Object.entries(trunks).map(([trunk, more]) => ({ trunk, endpoint: `PJSIP/{number}@${trunk}`, ...more }));
  for (const row of rows) await database('asttrunk').insert(row);
}

export const addRoutes = ({ database }: Db, routes: [prefix: string, trunk: string, priority: number][]) =>
  database('astroute').insert(routes.map(([prefix, trunk, priority]) => ({ prefix, trunk, priority })));

export interface DayCall {
  trunk: string;
  hoursAgo: number;
  /** null for a call that was not answered. */
  talkSeconds: number | null;
  cause?: number;
  source?: string;
  /** From the arrival to the answer. */
  delaySeconds?: number;
}

/** Ended calls of the last day, as rows that cost nothing: the books do not know them. */
export const addCalls = ({ database }: Db, calls: readonly DayCall[]) =>
  database('astcdr').insert(
    calls.map(({ trunk, hoursAgo, talkSeconds, cause = 16, source = 'callee', delaySeconds = 4 }) => {
      const startAt = Date.now() - hoursAgo * 3_600_000 - 120_000;
      const answerAt = startAt + delaySeconds * 1_000;
      return {
        uniqueid: `ast1-${randomUUID()}`,
        accountcode: 'alice',
        node: 'ast1',
        dst: '4930123',
        trunk,
        start_at: new Date(startAt),
        answer_at: talkSeconds === null ? null : new Date(answerAt),
        end_at: new Date(answerAt + (talkSeconds ?? 0) * 1_000),
        billsec: talkSeconds ?? 0,
        hangup_cause: cause,
        hangup_source: source,
        disposition: talkSeconds === null ? 'CONGESTION' : 'ANSWERED',
        currency: 'EUR',
      };
    }),
  );
