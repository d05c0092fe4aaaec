import { debitBalance, maxSessionTime } from './clients/call-control';
import { askPort, postJson } from './clients/door';
import { getCredit, posted, subtractCredit } from './clients/sems';
import { placeCall } from './servers/sipp';
import type { LabSettings } from './settings';

/** One call through a door, of 3 s at 6.00 a minute by the second unless a scene says otherwise. */
export interface DoorScene {
  door: string;
  accountcode: string;
  /** What the account holds when the scene begins; null for a pool, which the call itself creates. */
  holds: string | null;
  /** Makes the call as that door's client does; resolves with what the client saw of it. */
  call(lab: LabSettings): Promise<string>;
  /** The cost that must be in astcdr. */
  cost: string;
}

const NUMBER = '442012345670';
const TALK_MS = 3_200;
const [dialplan, agi, proxyCaller] = ['127.0.0.7', '127.0.0.8', '127.0.0.9'];

/** The customers of the lab's Asterisk that dial by themselves, each in the context that docs/doors.md shows. */
export const doorCustomers = [
  { name: 'grace', address: dialplan, accountcode: 'grace', context: 'from-customer-own-dial' },
  { name: 'heidi', address: agi, accountcode: 'heidi', context: 'from-a2billing-like' },
];

/** The user whose calls the lab's Kamailio requests by cnxcc's commands; it requests all others by call_control. */
export const CNXCC_USER = 'judy';

async function sipCall(sip: string, from: string, fromUser?: string): Promise<string> {
  const seen = await placeCall({ sip, from, fromUser, to: NUMBER, talkMs: TALK_MS });
  return seen.sipStatus === 200 ? `${(seen.talkMs / 1000).toFixed(1)} s of talk` : `SIP ${seen.sipStatus}`;
}

const talk = () => new Promise(done => setTimeout(done, TALK_MS));

/** A Call-ID that no call of an earlier demonstration had. */
const newCallId = (): string => `demo-${Date.now()}@lab`;

const intIn = (answer: string): string => /<int>(-?\d+)</.exec(answer)?.[1] ?? answer;

export const doorScenes: DoorScene[] = [
  {
    door: 'Dialplan: Stasis(ringfence,authorize), and a Dial() of its own',
    accountcode: 'grace',
    holds: '5.00',
    call: ({ sipPort }) => sipCall(`127.0.0.1:${sipPort}`, dialplan),
    cost: '0.30',
  },
  {
    door: 'FastAGI: AGI(agi://…/authorize), and a Dial() of its own',
    accountcode: 'heidi',
    holds: '5.00',
    call: ({ sipPort }) => sipCall(`127.0.0.1:${sipPort}`, agi),
    cost: '0.30',
  },
  {
    door: 'Kamailio: call_control()',
    accountcode: 'ivan',
    holds: '5.00',
    call: ({ proxyPort }) => sipCall(`127.0.0.1:${proxyPort}`, proxyCaller, 'ivan'),
    cost: '0.30',
  },
  {
    door: "Kamailio: cnxcc's set_max_credit() over JSON-RPC",
    accountcode: `pool:${CNXCC_USER}`,
    holds: null,
    call: ({ proxyPort }) => sipCall(`127.0.0.1:${proxyPort}`, proxyCaller, CNXCC_USER),
    // The price in the script: 3.00 to connect, and a first minute at 0.50 a second.
    cost: '33.00',
  },
  {
    door: 'SEMS: cc_prepaid_xmlrpc, by its own bytes',
    accountcode: 'kate',
    holds: '5.00',
    async call({ semsPort }) {
      const pin = `kate|${NUMBER}|${newCallId()}`;
      const ask = (body: string) => askPort(semsPort, posted(body), /<\/methodResponse>/);
      const granted = intIn(await ask(getCredit(pin)));
      await talk();
      return `granted ${granted} s; 3 s debited, ${intIn(await ask(subtractCredit(pin, 3)))} s left`;
    },
    cost: '0.30',
  },
  {
    door: "AG Projects' Call Control: the rating engine's port, by its own bytes",
    accountcode: 'leo',
    holds: '5.00',
    async call({ ratingPort }) {
      const callId = newCallId();
      const to = { to: `sip:${NUMBER}@example.com` };
      const ask = (line: string) => askPort(ratingPort, line, /\n\n$/);
      const granted = await ask(maxSessionTime(callId, 'leo@example.com', to));
      await ask(maxSessionTime(callId, 'leo@example.com', { ...to, state: 'Connected' }));
      await talk();
      const [said, , price] = (await ask(debitBalance(callId, 'leo@example.com', TALK_MS / 1000, to))).split('\n');
      return `granted ${granted.split('\n')[0]} s; the debit is ${said}, ${price}`;
    },
    cost: '0.30',
  },
  {
    door: 'REST: any other switch',
    accountcode: 'mia',
    holds: '5.00',
    async call({ restPort }) {
      const callId = newCallId();
      const ask = (path: string, body: object) => postJson(restPort, `/v1/calls${path}`, body);
      const { granted_seconds } = await ask('', { call_id: callId, account: 'mia', number: NUMBER });
      await ask(`/${encodeURIComponent(callId)}/answered`, {});
      await talk();
      const { cost } = await ask(`/${encodeURIComponent(callId)}/settle`, { talk_seconds: 3 });
      return `granted ${granted_seconds} s; settled at ${cost}`;
    },
    cost: '0.30',
  },
];
