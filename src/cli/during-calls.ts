/** What is done to the calls of an account, or of a pool, while they are in progress. */
import type { Command } from 'commander';
import type { RunningCall } from '../accounts/account-store';
import { stillUp } from '../accounts/during-calls';
import { POOL_PREFIX } from '../credit/rules/pool';
import { leftToClient } from '../doors/doors';
import { wholeField } from '../operator/fields';
import { listNodes } from '../ownership/node-store';
import { type Context, Ended, EXIT } from './command';
import type { Presented } from './derive';
import { Progress } from './progress';
import { printable } from './terminal';

const LONGEST_WAIT_SECONDS = 600;
/** The services look at touched accounts about twice a second. */
const LOOK_MS = 200;

/** `--wait` and `--no-wait` as commander gives them. */
interface WaitOptions {
  wait: string | false;
}

const addWait = (command: Command): Command =>
  command
    .option('--wait <seconds>', 'how long to wait until they have ended; exit code 1 if one is still up then', '10')
    .option('--no-wait', 'do not wait');

/** Operations that end calls wait for the ends, and report how many calls have ended. `doneOf`: what was done, from the operation's fields. */
const waiting = (doneOf: (input: Record<string, unknown>) => Done): Presented => ({
  addOptions: addWait,
  prepare: options => {
    const waitSeconds = waitOf(options as unknown as WaitOptions);
    return (context, input, calls: readonly RunningCall[]) => tellEnds(context, calls, waitSeconds, doneOf(input));
  },
});

/** What was done besides ending calls: in words, and as facts. */
interface Done {
  /** The account whose calls are ended. */
  accountcode: string;
  said: string;
  facts: object;
}

const done = (accountcode: string, said: string, facts: object = {}): Done => ({
  accountcode,
  said,
  facts: { accountcode, ...facts },
});

export const ENDING_CALLS: Record<string, Presented> = {
  'account block': waiting(({ accountcode }) =>
    done(accountcode as string, `${printable(accountcode as string)} is blocked`, { status: 'blocked' }),
  ),
  'account hangup': waiting(({ accountcode }) => done(accountcode as string, printable(accountcode as string))),
  'pool hangup': waiting(({ customer }) => {
    const accountcode = `${POOL_PREFIX}${customer}`;
    return done(accountcode, printable(accountcode));
  }),
};

/** null for no wait. */
const waitOf = ({ wait }: WaitOptions): number | null =>
  wait === false ? null : wholeField('wait', wait, 0, LONGEST_WAIT_SECONDS);

async function tellEnds(
  context: Context,
  calls: readonly RunningCall[],
  waitSeconds: number | null,
  { accountcode, ...done }: Done,
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

/** The calls that only their clients can end, by node, with what their clients hear. */
function leftOf(calls: readonly RunningCall[]): { node: string; calls: number; hears: string }[] {
  const nodes = [...new Set(calls.map(({ node }) => node))].sort();
  return nodes.map(node => ({
    node,
    calls: calls.filter(call => call.node === node).length,
    hears: leftToClient(node) ?? '',
  }));
}

/** Waits until these calls have ended. Returns those that did not end in time. */
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
