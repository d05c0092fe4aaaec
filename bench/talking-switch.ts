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

/** Writes so many calls on `node`, and the rich accounts that pay for them: `account0` and so on. */
export async function placeCalls(
  database: Knex,
  node: string,
  { calls, accounts, mode }: { calls: number; accounts: number; mode: 'strict' | 'shared' },
): Promise<Talking[]> {
  const grantedSeconds = mode === 'strict' ? 3600 : 120;
  const codes = Array.from({ length: accounts }, (_, index) => `account${index}`);
  const perAccount = calls / accounts;
  await database.batchInsert(
    'astaccount',
    codes.map(accountcode => ({
      accountcode,
      currency: 'EUR',
      deck: 'retail',
      mode,
      balance: 1_000_000,
      reserved: Number(costOf(grantedSeconds)) * perAccount,
      active_calls: perAccount,
      time_reserved: grantedSeconds * perAccount,
    })),
    500,
  );
  const talking = talkingCalls(node, calls, codes);
  await placeTalking(database, node, talking, grantedSeconds);
  return talking;
}

/** What dials a call: Ringfence, or the dialplan after `authorize`. */
export type DialledBy = 'ringfence' | 'dialplan';

interface Channel {
  accountcode: string;
  createdAt: number;
  state: 'Ring' | 'Up';
  /** The words of Stasis(); null for a channel that is in Dial(). */
  stasis: string | null;
  /** The channel that it talks to. */
  peer: string | null;
  /** When the switch itself ends it; ms since 1970. */
  endsAt: number;
  /** As ARI lists it; made when it is asked for. */
  json: string | null;
}

/** How often limits are looked at. Ms. */
const TICK_MS = 20;

/** How long a sound plays. Ms. */
const SOUND_MS = 300;

const LIMIT = 'TIMEOUT(absolute)';

/**
 * A stand-in for an Asterisk that carries thousands of calls, which a real one on this machine cannot: over the wire it lists, limits,
 * dials, answers and ends channels as Asterisk does, and answers at once. It ends calls by their limits.
 */
export class TalkingSwitch {
  /** Since it listens. */
  requests = 0;
  /** Called when the dialplan has its answer for a call: the refusal, empty for none. */
  onAuthorised: (channel: string, refusal: string) => void = () => undefined;
  private readonly ari = new FakeAri();
  private readonly channels = new Map<string, Channel>();
  private readonly bridges = new Map<string, string[]>();
  private readonly ticks: NodeJS.Timeout;
  private isListed = false;
  /** Legs that talk and have no limit of the service's yet. */
  private unlimited = 0;

  /** It has these calls, each with its legs in a bridge of their own. */
  constructor(calls: readonly Talking[], node: string) {
    const info = {
      config: { name: node },
      status: { startup_time: asteriskStamp(Date.now() - 3_600_000) },
    };
    this.ari.answer = (method, path) => {
      this.requests++;
      const body = this.ari.seen.at(-1)?.body ?? '';
      this.ari.seen.length = 0;
      return path.startsWith('/ari/asterisk/info') ? ok(JSON.stringify(info)) : this.answerTo(method, path, body);
    };
    for (const call of calls) this.talks(call);
    this.ticks = setInterval(() => this.endThoseDue(), TICK_MS);
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
    for (const since = performance.now(); !this.isListed || this.unlimited > 0; ) {
      if (performance.now() - since > MOST_MS) {
        throw new Error(`after two minutes ${this.unlimited} legs have no limit`);
      }
      await new Promise(done => setTimeout(done, EVERY_MS));
    }
  }

  private talks({ uniqueid, accountcode, answerAt }: Talking): void {
    const leg = `rf-${uniqueid}-1`;
    for (const [channel, peer] of [
      [uniqueid, leg],
      [leg, uniqueid],
    ] as const) {
      this.channels.set(channel, {
        ...{ accountcode, createdAt: answerAt - 1_000, state: 'Up', stasis: 'ringfence', peer },
        ...{ endsAt: Number.POSITIVE_INFINITY, json: null },
      });
      this.unlimited++;
    }
    this.bridges.set(`rf-${uniqueid}`, [uniqueid, leg]);
  }

  /** A caller dials. */
  call(uniqueid: string, accountcode: string, dialledBy: DialledBy): void {
    const stasis = dialledBy === 'ringfence' ? 'ringfence' : 'ringfence,authorize';
    this.channels.set(uniqueid, {
      ...{ accountcode, createdAt: Date.now(), state: 'Ring', stasis, peer: null },
      ...{ endsAt: Number.POSITIVE_INFINITY, json: null },
    });
    this.tell('StasisStart', { args: stasis.split(',').slice(1), channel: this.shown(uniqueid) });
  }

  /** The callee of a call that the dialplan dials answers. */
  answer(uniqueid: string): void {
    const caller = this.channels.get(uniqueid);
    if (caller) this.connect(uniqueid, `${uniqueid}-callee`, caller);
  }

  /** A party hangs up, or a limit is over, with all that follows for the other. */
  end(channel: string): void {
    const gone = this.channels.get(channel);
    if (!gone) return;
    const shown = this.shown(channel);
    this.channels.delete(channel);
    if (gone.stasis !== null) this.tell('StasisEnd', { channel: shown });
    this.tell('ChannelDestroyed', { channel: shown, cause: 16 });
    // A Dial() ends with either of its legs.
    if (gone.stasis === null && gone.peer !== null) this.end(gone.peer);
  }

  /** The caller of the oldest call of an account hangs up. */
  endOneOf(accountcode: string): void {
    for (const [channel, each] of this.channels) {
      if (each.accountcode !== accountcode || each.state !== 'Up' || channel.startsWith('rf-')) continue;
      this.end(channel);
      return;
    }
  }

  async close(): Promise<void> {
    clearInterval(this.ticks);
    await this.ari.close();
  }

  private answerTo(method: string, path: string, body: string) {
    const url = new URL(path, 'http://stand-in');
    const [, , resource, id = '', what, more] = url.pathname.split('/').map(decodeURIComponent);
    if (resource === 'endpoints') return ok('[]');
    if (resource === 'bridges') return this.bridge(method, id, what, url.searchParams);
    if (resource !== 'channels') return undefined;
    if (id === '') {
      this.isListed = true;
      return ok(`[${[...this.channels.keys()].map(channel => this.listed(channel)).join()}]`);
    }
    if (id === 'create') return this.create(url.searchParams, body);
    const channel = this.channels.get(id);
    if (!channel) return { status: 404, body: '{"message":"Channel not found"}' };
    switch (what) {
      case undefined:
        if (method === 'DELETE') setImmediate(() => this.end(id));
        return { status: 204 };
      case 'variable':
        return this.variable(method, channel, url.searchParams);
      case 'variables': {
        const { variables } = JSON.parse(body);
        this.limit(channel, variables[LIMIT]);
        this.onAuthorised(id, variables.RINGFENCE_REFUSAL);
        return { status: 204 };
      }
      case 'continue':
        this.change(channel, { stasis: null });
        setImmediate(() => this.tell('StasisEnd', { channel: this.shown(id) }));
        return { status: 204 };
      case 'play': {
        const playback = { id: more, state: 'done', target_uri: `channel:${id}` };
        setTimeout(() => this.tell('PlaybackFinished', { playback }), SOUND_MS);
        return { status: 201, body: JSON.stringify(playback) };
      }
      case 'dial':
        setImmediate(() => this.connect(id.replace(/^rf-|-\d+$/g, ''), id, this.channels.get(id)));
        return { status: 204 };
      default:
        return undefined;
    }
  }

  private bridge(method: string, id: string, what: string | undefined, query: URLSearchParams) {
    if (id === '') {
      const all = [...this.bridges].map(([bridge, channels]) => {
        const there = channels.filter(channel => this.channels.has(channel));
        return `{"id":"${bridge}","name":"","channels":${JSON.stringify(there)}}`;
      });
      return ok(`[${all.join()}]`);
    }
    if (method === 'DELETE') this.bridges.delete(id);
    else if (what === 'addChannel') this.bridges.get(id)?.push(...(query.get('channel') ?? '').split(','));
    else this.bridges.set(id, []);
    return { status: 204 };
  }

  private create(query: URLSearchParams, body: string) {
    const [id, caller] = [query.get('channelId') ?? '', query.get('originator') ?? ''];
    const leg: Channel = {
      ...{ accountcode: '', createdAt: Date.now(), state: 'Ring', stasis: 'ringfence,rf-leg', peer: caller },
      ...{ endsAt: Number.POSITIVE_INFINITY, json: null },
    };
    this.limit(leg, JSON.parse(body).variables[LIMIT]);
    this.channels.set(id, leg);
    setImmediate(() => this.tell('StasisStart', { args: ['rf-leg'], channel: this.shown(id) }));
    return ok(JSON.stringify(this.shown(id)));
  }

  private variable(method: string, channel: Channel, query: URLSearchParams) {
    if (query.get('variable') !== LIMIT) return ok('{"value":""}');
    if (method === 'POST') {
      if (channel.endsAt === Number.POSITIVE_INFINITY) this.unlimited--;
      this.limit(channel, query.get('value') ?? '0');
      return { status: 204 };
    }
    return ok(JSON.stringify({ value: String((channel.endsAt - Date.now()) / 1000) }));
  }

  private limit(channel: Channel, seconds: string): void {
    channel.endsAt = Date.now() + Number(seconds) * 1000;
  }

  /** Both are answered. */
  private connect(caller: string, leg: string, of: Channel | undefined): void {
    const calling = this.channels.get(caller);
    if (!of || !calling) return;
    if (!this.channels.has(leg)) this.channels.set(leg, { ...of, stasis: null, peer: caller, json: null });
    this.change(calling, { state: 'Up', peer: leg });
    this.change(this.channels.get(leg) as Channel, { state: 'Up' });
    const both = { caller: this.shown(caller), peer: this.shown(leg) };
    this.tell('Dial', { ...both, dialstatus: '' });
    this.tell('Dial', { ...both, dialstatus: 'ANSWER' });
    this.tell('ChannelStateChange', { channel: this.shown(caller) });
  }

  private change(channel: Channel, changed: Partial<Channel>): void {
    Object.assign(channel, changed, { json: null });
  }

  private endThoseDue(): void {
    const now = Date.now();
    for (const [channel, { endsAt }] of this.channels) if (endsAt <= now) this.end(channel);
  }

  private tell(type: string, facts: object): void {
    this.ari.send({ type, application: 'ringfence', timestamp: asteriskStamp(Date.now()), ...facts });
  }

  private listed(id: string): string {
    const channel = this.channels.get(id) as Channel;
    channel.json ??= JSON.stringify(this.shown(id));
    return channel.json;
  }

  private shown(id: string): object {
    const { accountcode, createdAt, state, stasis } = this.channels.get(id) as Channel;
    const in_app = stasis === null ? { app_name: 'Dial', app_data: '' } : { app_name: 'Stasis', app_data: stasis };
    return {
      ...{ id, name: `PJSIP/main-${id}`, state, accountcode, language: 'en' },
      ...{ protocol_id: id, caller: { name: '', number: '100' }, connected: { name: '', number: '' } },
      dialplan: { context: 'from-customer', exten: '4930', priority: 1, ...in_app },
      creationtime: asteriskStamp(createdAt),
    };
  }
}

const ok = (body: string) => ({ status: 200, body });
