import { type CallOptions, type CallsSeen, startCalls } from '../servers/sipp';
import type { Cdr, Rule, Violation } from './checks';
import { PROXY } from './load';
import { ACCOUNTS, numbersOf } from './plan';
import type { Random } from './random';

/** An address that belongs to no customer. */
const STRANGER = '127.0.0.77';

/** The names that a stranger uses: accounts, and the names of endpoints (lab/servers/asterisk.ts). */
const NAMES = [...ACCOUNTS.map(({ accountcode }) => accountcode), 'alice', 'bob', 'proxy', 'carrier'];

const EVERY_MS = 2_000;

/** The attackers of each drill, beside the callers. They must get nothing out of it. */
type Kind =
  /** From a foreign address, by a known name. */
  | 'stranger'
  /** A customer that wants the place of another in a call, by Replaces. */
  | 'replacer'
  /** A customer whose INVITE comes twice. */
  | 'repeater';

export interface HostileCall {
  kind: Kind;
  number: string;
  seen: CallsSeen;
}

const KINDS: readonly Kind[] = ['stranger', 'replacer', 'repeater'];

/** One call of each kind every two seconds; resolves when all have ended. */
export async function hostileCalls(options: {
  sip: string;
  run: number;
  seconds: number;
  random: Random;
}): Promise<HostileCall[]> {
  const { sip, run, seconds, random } = options;
  const calls: Promise<HostileCall>[] = [];
  for (let round = 0; round * EVERY_MS < seconds * 1000; round++) {
    for (const [index, kind] of KINDS.entries()) {
      // Answered if it gets through: the last digit is the order to the carrier.
      const number = `${numbersOf(run)}9${index}${String(round).padStart(2, '0')}0`;
      const how: Record<Kind, Partial<CallOptions>> = {
        stranger: { from: STRANGER, fromUser: random.pick(NAMES.map(name => ({ name, weight: 1 }))).name, talkMs: 500 },
        replacer: {
          from: PROXY,
          fromUser: 'rich',
          scenario: 'replaces',
          keys: { replaced: `1-${round}@${PROXY};to-tag=1;from-tag=1` },
        },
        repeater: { from: PROXY, fromUser: 'sliced', scenario: 'repeats', keys: { late: 0 } },
      };
      calls.push(
        startCalls({ sip, to: number, patienceMs: 2_000, timeoutMs: 20_000, ...how[kind] }).then(
          async ({ finished }) => ({
            kind,
            number,
            seen: await finished,
          }),
        ),
      );
    }
    await new Promise(resolve => setTimeout(resolve, EVERY_MS));
  }
  return Promise.all(calls);
}

const MOST_CDRS: Record<Kind, number> = { stranger: 0, replacer: 0, repeater: 1 };
const RULE: Record<Kind, Rule> = {
  stranger: 'stranger_is_refused',
  replacer: 'place_is_not_taken',
  repeater: 'invite_is_one_call',
};

/** What a hostile call got that it must not get: a call of its own, or a second one. */
export function hostileViolations(calls: readonly HostileCall[], cdrs: readonly Cdr[]): Violation[] {
  return calls.flatMap(({ kind, number, seen }) => {
    const own = cdrs.filter(({ dst }) => dst === number);
    const isAnswered = kind !== 'repeater' && seen.sipStatus === 200;
    if (own.length <= MOST_CDRS[kind] && !isAnswered) return [];
    const rows = own.map(({ uniqueid, accountcode }) => `${uniqueid} of ${accountcode}`).join(', ') || 'none';
    return [{ rule: RULE[kind], text: `${kind} ${number}: SIP ${seen.sipStatus}, CDRs: ${rows}` }];
  });
}
