/** Calls that talk, in the database and on a stand-in for their switch. */
import type { Knex } from 'knex';
import { asteriskStamp, FakeAri } from '../lab/servers/fake-ari';

/** A call that was answered and goes on. */
export interface Talking {
  uniqueid: string;
  accountcode: string;
  /** Ms since 1970. */
  answerAt: number;
}

const ROWS_AT_ONCE = 500;

/** `count` calls on `node`, of the accounts in turn, answered at different moments of the last half minute. */
export function talkingCalls(node: string, count: number, accountcodes: readonly string[]): Talking[] {
  const now = Date.now();
  return Array.from({ length: count }, (_, index) => ({
    uniqueid: `${node}-${index}.1`,
    accountcode: accountcodes[index % accountcodes.length] as string,
    answerAt: now - Math.floor((index / count) * 30_000),
  }));
}

/** What a grant costs in `placeTalking`: 0.60 a minute, by the second. */
export const costOf = (grantedSeconds: number): string => (grantedSeconds / 100).toFixed(2);

/** Writes their CDRs and reservations. The caller writes what their accounts hold. */
export async function placeTalking(
  database: Knex,
  node: string,
  calls: readonly Talking[],
  grantedSeconds: number,
): Promise<void> {
  const held = { node, max_cost: costOf(grantedSeconds), granted_seconds: grantedSeconds };
  await database.batchInsert(
    'astcdr',
    calls.map(({ uniqueid, accountcode, answerAt }) => ({
      ...{ uniqueid, accountcode, dst: '4930', currency: 'EUR', trunk: 'main' },
      ...{ start_at: new Date(answerAt - 1000), answer_at: new Date(answerAt) },
      ...{ ...held, cap_seconds: 3600, rate_price_per_minute: '0.60' },
    })),
    ROWS_AT_ONCE,
  );
  const expiresAt = new Date(Date.now() + 7_200_000);
  await database.batchInsert(
    'astcreditres',
    calls.map(({ uniqueid, accountcode }) => ({ ...held, uniqueid, accountcode, expires_at: expiresAt })),
    ROWS_AT_ONCE,
  );
}

/** An Asterisk's HTTP that has these calls, each with its legs in a bridge of their own, and answers at once. */
export class TalkingSwitch {
  /** Until when each leg may talk, as the service told it; seconds since 1970, by leg. */
  readonly limits = new Map<string, number>();
  /** Since it listens. */
  requests = 0;
  private isListed = false;
  private readonly ari = new FakeAri();

  constructor(
    private readonly calls: readonly Talking[],
    node: string,
  ) {
    const { ari, limits } = this;
    const info = {
      config: { name: node },
      status: { startup_time: asteriskStamp(Date.now() - 3_600_000) },
    };
    ari.answer = (method, path) => {
      this.requests++;
      ari.seen.length = 0;
      if (path.startsWith('/ari/asterisk/info')) return { status: 200, body: JSON.stringify(info) };
      if (path === '/ari/channels') {
        this.isListed = true;
        return { status: 200, body: channelList(this.calls) };
      }
      if (path === '/ari/endpoints') return { status: 200, body: '[]' };
      if (path === '/ari/bridges') return { status: 200, body: bridgeList(this.calls) };
      const variable = /^\/ari\/channels\/([^/]+)\/variable\?(.*)$/.exec(path);
      if (!variable) return undefined;
      const [id, query] = [decodeURIComponent(variable[1] as string), new URLSearchParams(variable[2])];
      if (query.get('variable') !== 'TIMEOUT(absolute)') return undefined;
      if (method === 'POST') {
        limits.set(id, Date.now() / 1000 + Number(query.get('value')));
        return { status: 204 };
      }
      return { status: 200, body: JSON.stringify({ value: String((limits.get(id) ?? 0) - Date.now() / 1000) }) };
    };
  }

  /** Resolves with the address for RINGFENCE_ARI_URL. */
  async listen(): Promise<string> {
    await this.ari.listen();
    return this.ari.url();
  }

  /** Resolves when the service has read the calls, and every leg has a limit. Rejects if that takes longer than two minutes. */
  async isLimited(): Promise<void> {
    const MOST_MS = 120_000;
    const EVERY_MS = 20;
    for (const since = performance.now(); !this.isListed || this.limits.size < 2 * this.calls.length; ) {
      if (performance.now() - since > MOST_MS) {
        throw new Error(`after two minutes only ${this.limits.size} legs of ${this.calls.length} calls have a limit`);
      }
      await new Promise(done => setTimeout(done, EVERY_MS));
    }
  }

  close(): Promise<void> {
    return this.ari.close();
  }
}

/** Without a bridge of their own the legs would have lost each other. */
const bridgeList = (calls: readonly Talking[]): string =>
  JSON.stringify(
    calls.map(({ uniqueid }) => ({ id: `rf-${uniqueid}`, name: '', channels: [uniqueid, `rf-${uniqueid}-1`] })),
  );

const channelList = (calls: readonly Talking[]): string =>
  JSON.stringify(
    calls.flatMap(({ uniqueid, accountcode, answerAt }) =>
      [uniqueid, `rf-${uniqueid}-1`].map(id => ({
        id,
        name: `PJSIP/main-${id}`,
        state: 'Up',
        accountcode,
        caller: { name: '', number: '100' },
        connected: { name: '', number: '' },
        dialplan: { context: 'from-customer', exten: '4930', priority: 1, app_name: 'Stasis', app_data: 'ringfence' },
        creationtime: asteriskStamp(answerAt - 1000),
        language: 'en',
      })),
    ),
  );
