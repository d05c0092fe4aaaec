/** What is done to the calls of an account, or of a pool, while they are up. */
import type { Command } from 'commander';
import { type RunningCall, statusNow } from '../accounts/account-store';
import { addTime, hangUpCalls, stillUp } from '../accounts/during-calls';
import { accountNamed, setAccountStatus } from '../accounts/manage-account';
import { leftToClient } from '../doors/doors';
import { wholeField } from '../operator/fields';
import { listNodes } from '../ownership/node-store';
import { addCommand, type Context, Ended, EXIT, withDatabase } from './command';
import { Progress } from './progress';
import { factText } from './table';
import { printable, type Terminal } from './terminal';

const LONGEST_WAIT_SECONDS = 600;
/** The services look at what was touched about twice a second. */
const LOOK_MS = 200;

/** `--wait` and `--no-wait` as commander gives them. */
export interface WaitOptions {
  wait: string | false;
}

export const addWait = (command: Command): Command =>
  command
    .option('--wait <seconds>', 'how long to wait until they have ended; exit code 1 if one is still up then', '10')
    .option('--no-wait', 'do not wait');

export function addCallsOfAccount(account: Command, terminal: Terminal): void {
  addWait(
    addCommand(
      account,
      'block <accountcode>',
      'let an account start no more calls, and end those in progress; of a pool too, pool:<customer>',
      'account block alice',
    ),
  ).action(
    withDatabase(terminal, async (context, accountcode: string, options: WaitOptions) => {
      const waitSeconds = waitOf(options);
      const calls = await setAccountStatus(context.database, accountcode, 'blocked');
      const done = { said: `${printable(accountcode)} is blocked`, facts: { accountcode, status: 'blocked' } };
      await tellEnds(context, accountcode, calls, waitSeconds, done);
    }),
  );
  addCommand(
    account,
    'unblock <accountcode>',
    'let a blocked account start calls again',
    'account unblock alice',
  ).action(
    withDatabase(terminal, async ({ database, print }, accountcode: string) => {
      await setAccountStatus(database, accountcode, 'active');
      const account = await accountNamed(database, accountcode);
      const status = statusNow(account);
      const since =
        status === 'expired' ? `, but it has expired: since ${factText(account.expiresAt)} it starts no call` : '';
      print.done(`${printable(accountcode)} is ${since ? 'unblocked' : status}${since}`, { accountcode, status });
    }),
  );
  addWait(
    addCommand(
      account,
      'hangup <accountcode>',
      'end all calls of an account, emergency calls apart; it may start others at once',
      'account hangup alice',
    ),
  ).action(
    withDatabase(terminal, async (context, accountcode: string, options: WaitOptions) => {
      await hangUp(context, accountcode, options);
    }),
  );
  addCommand(
    account,
    'add-time <accountcode> <seconds>',
    'let the calls that are up now talk longer together than max_time says; done twice it adds twice',
    'account add-time alice 300',
  ).action(
    withDatabase(terminal, async (context, accountcode: string, seconds: string) => {
      await giveTime(context, accountcode, seconds);
    }),
  );
}

/** Ends all calls of an account or a pool, and says how many did. @throws Ended when one is still up after the wait. */
export async function hangUp(context: Context, accountcode: string, options: WaitOptions): Promise<void> {
  const waitSeconds = waitOf(options);
  const calls = await hangUpCalls(context.database, accountcode);
  await tellEnds(context, accountcode, calls, waitSeconds, { said: printable(accountcode), facts: { accountcode } });
}

export async function giveTime({ database, print }: Context, accountcode: string, seconds: string): Promise<void> {
  const added = await addTime(database, accountcode, seconds);
  const { maxTime, timeLeft } = added;
  print.done(
    `${added.seconds} s added to ${printable(accountcode)}: ${timeLeft} s are left beside what its calls hold`,
    {
      accountcode,
      seconds: added.seconds,
      max_time: maxTime,
      time_left: timeLeft,
    },
  );
}

/** null for no wait. */
const waitOf = ({ wait }: WaitOptions): number | null =>
  wait === false ? null : wholeField('wait', wait, 0, LONGEST_WAIT_SECONDS);

async function tellEnds(
  context: Context,
  accountcode: string,
  calls: readonly RunningCall[],
  waitSeconds: number | null,
  done: { said: string; facts: object },
): Promise<void> {
  const { print } = context;
  const say = (what: string, facts: object) =>
    print.done(`${done.said}: ${what}`, { ...done.facts, calls: calls.length, ...facts });
  if (calls.length === 0) {
    say('no call in progress', { ended: 0, still_up: 0, unserved_nodes: [], left_to_client: [] });
    return;
  }
  if (waitSeconds === null) {
    say(`${callsText(calls.length)} to be ended`, {
      ended: null,
      still_up: null,
      unserved_nodes: null,
      left_to_client: null,
    });
    return;
  }
  const beyond = calls.filter(({ node }) => leftToClient(node) !== null);
  const reachable = calls.filter(call => !beyond.includes(call));
  const late = await waitForEnds(context, accountcode, reachable, waitSeconds);
  const beyondUp = await stillUp(context.database, accountcode, beyond);
  const up = [...late, ...beyondUp];
  const left = leftOf(beyondUp);
  const ended = calls.length - up.length;
  const unserved = late.length === 0 ? [] : await unservedNodes(context, late);
  const facts = { ended, still_up: up.length, unserved_nodes: unserved, left_to_client: left };
  if (up.length === 0) {
    say(`${callsText(ended)} ended`, facts);
    return;
  }
  const why =
    unserved.length > 0
      ? `no service acts for switch ${unserved.map(printable).join(', ')}, see "status"`
      : `see "call list --account ${printable(accountcode)} --open"`;
  const waited = late.length === 0 ? '' : `, ${late.length} still up after ${waitSeconds} s: ${why}`;
  const elsewhere = left.map(({ node, calls: count, hears }) => `; ${count} of ${printable(node)}: ${hears}`).join('');
  say(`${ended} of ${callsText(calls.length)} ended${waited}${elsewhere}`, facts);
  throw new Ended(EXIT.fault);
}

/** The calls that only their clients can end, by node, with what those hear. */
function leftOf(calls: readonly RunningCall[]): { node: string; calls: number; hears: string }[] {
  const nodes = [...new Set(calls.map(({ node }) => node))].sort();
  return nodes.map(node => ({
    node,
    calls: calls.filter(call => call.node === node).length,
    hears: leftToClient(node) ?? '',
  }));
}

/** Waits until these calls have ended; returns those that had not by then. */
async function waitForEnds(
  { database, terminal }: Context,
  accountcode: string,
  calls: readonly RunningCall[],
  seconds: number,
): Promise<RunningCall[]> {
  const progress = new Progress(terminal);
  const deadline = performance.now() + seconds * 1000;
  try {
    for (;;) {
      const up = await stillUp(database, accountcode, calls);
      const leftMs = deadline - performance.now();
      if (up.length === 0 || leftMs <= 0) return up;
      progress.show(() => ({
        share: 1 - up.length / calls.length,
        text: `${up.length} of ${callsText(calls.length)} still up, waiting ${Math.ceil(leftMs / 1000)} s more`,
      }));
      await new Promise(resolve => setTimeout(resolve, Math.min(LOOK_MS, leftMs)));
    }
  } finally {
    progress.end();
  }
}

/** The switches of these calls that no process acts for, by name. */
async function unservedNodes({ database }: Context, calls: readonly RunningCall[]): Promise<string[]> {
  const nodes = await listNodes(database);
  const served = new Set(
    nodes.filter(({ owner, leaseSeconds }) => owner !== null && leaseSeconds > 0).map(({ node }) => node),
  );
  return [...new Set(calls.map(({ node }) => node))].filter(node => !served.has(node)).sort();
}

const callsText = (count: number): string => (count === 1 ? '1 call' : `${count} calls`);
