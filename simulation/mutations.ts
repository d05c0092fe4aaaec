/**
 * Breaks the product on purpose, once for each invariant, and shows that the simulation finds it: `npm run simulate:mutations`. Each break
 * is made in a copy of the compiled code. Exits 1 if one is not found, or no longer matches the code.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { misuse, readOptions } from '../lab/options';
import { projectRoot } from '../src/config/project-root';
import { INVARIANTS, type Invariant } from './invariants';

type Edit = [file: string, find: string, replace: string];

interface Mutation {
  broken: string;
  edits: Edit[];
}

const SEEDS = 20_000;

const MUTATIONS: Record<Invariant, Mutation> = {
  'balance = sum of entries': {
    broken: 'a settlement posts the charge and leaves the balance',
    edits: [['credit/rules/charge', 'freed.balance - charged', 'freed.balance']],
  },
  'each entry is chained to the one before': {
    broken: 'the account after a charge does not have it as its last entry',
    edits: [['credit/open-books', 'return { ...account, ...(0, entry_chain_1.endAt)(entry) };', 'return account;']],
  },
  'reserved = sum of reservations': {
    broken: 'a settlement frees only what was charged',
    edits: [
      [
        'credit/rules/charge',
        'account, held, (0, grant_1.nothingHeld)(held)',
        'account, { ...held, maxCost: charged }, (0, grant_1.nothingHeld)(held)',
      ],
    ],
  },
  'time reserved = sum of grants': {
    broken: 'a settlement frees only the talk that was',
    edits: [
      [
        'credit/rules/charge',
        'account, held, (0, grant_1.nothingHeld)(held)',
        'account, { ...held, grantedSeconds: billsec }, (0, grant_1.nothingHeld)(held)',
      ],
    ],
  },
  'active calls = number of reservations': {
    broken: 'a settlement does not count the call off',
    edits: [['credit/rules/charge', 'freed.activeCalls - 1', 'freed.activeCalls']],
  },
  'never more ring-fenced than there is': {
    broken: 'what is reserved counts as available',
    edits: [
      [
        'credit/rules/account',
        'account.balance + account.creditLimit - account.reserved',
        'account.balance + account.creditLimit',
      ],
    ],
  },
  'never more spent than the limits allow': {
    broken: 'what calls hold does not count against a limit of spend',
    edits: [['credit/rules/spend', 'micros_1.ZERO) - reserved', 'micros_1.ZERO)']],
  },
  'what is ring-fenced is the price of the grant': {
    broken: 'an extension makes the talk longer and holds no more money',
    edits: [
      [
        'credit/rules/regrant',
        "return { grant, change: isMore ? 'more' : null };",
        "return { grant: { ...grant, maxCost: call.maxCost }, change: isMore ? 'more' : null };",
      ],
    ],
  },
  'a price by the time of day is held for every answer, then for its own': {
    broken: 'an answer leaves held what the dearest answer would have cost',
    edits: [
      [
        'credit/open-books',
        'this.setCall(this.holdByAnswer(call, { ...call, answerAt, trunk }))',
        'this.setCall({ ...call, answerAt, trunk })',
      ],
    ],
  },
  'never more calls than channels': {
    broken: 'one call more than there are channels is let through',
    edits: [
      ['credit/rules/start', 'account.activeCalls >= account.maxChannels', 'account.activeCalls > account.maxChannels'],
    ],
  },
  'a grant was committed': {
    broken: 'the lane answers before COMMIT',
    edits: [['credit/lane', 'await books.commit(changes);', 'books.commit(changes).catch(() => undefined);']],
  },
  'a call is started by the owner of its switch': {
    broken: 'the lease of a start is not looked at in its transaction',
    edits: [
      [
        'credit/call-batch',
        'return lease === null || (seen.held.has(lease.node) && epochs.get(lease.node) === lease.epoch);',
        'return true;',
      ],
    ],
  },
  'nothing is dialled before COMMIT': {
    broken: 'a caller without an account is let through, as an emergency call is',
    edits: [
      ['calls/call', 'if (state.emergency) {', "if (state.emergency || event.refusal === 'account_not_found') {"],
    ],
  },
  'nothing is dialled for a refused call': {
    broken: 'every refused call is let through, as an emergency call is',
    edits: [['calls/call', 'if (state.emergency) {', 'if (true) {']],
  },
  'nothing is dialled without limits in the switch': {
    broken: 'the caller is not limited before the dial',
    edits: [
      ['calls/legs', 'const limited = port.setLimit(uniqueid, limitSeconds);', 'const limited = Promise.resolve();'],
    ],
  },
  'an answered call has one CDR with an end': {
    broken: 'the end of a call is charged and not written into its CDR',
    edits: [['credit/open-books', 'this.setCall(over);', '']],
  },
  'a call is charged once': {
    broken: 'an end that comes again is charged again, under a key of its own',
    edits: [
      [
        'credit/open-books',
        'if (call.endAt !== null)\n            return isRegrant ? { grant: null } : { call };',
        `if (call.endAt !== null) {
           const account = this.accounts.get(call.accountcode);
           if (isRegrant) return { grant: null };
           if (account && call.cost > 0n) {
             const balance = account.balance - call.cost;
             this.setAccount({ ...account, balance });
             const entry = { accountcode: call.accountcode, kind: 'call_charge', amount: -call.cost, balanceAfter: balance };
             this.entries.push({ ...entry, reference: call.uniqueid + ' again', reason: '' });
           }
           return { call };
         }`,
      ],
    ],
  },
  'the charge is the cost of the true talk': {
    broken: 'talk is counted from the start of the call',
    edits: [['credit/rules/charge', 'end.endAt - end.answerAt', 'end.endAt - call.startAt']],
  },
  'never charged beyond what was ring-fenced': {
    broken: 'a second too little is ring-fenced, and the charge has no cap',
    edits: [
      [
        'credit/rules/grant',
        '.costWithoutGrace)(offer.tariff, grantedSeconds)',
        '.costWithoutGrace)(offer.tariff, grantedSeconds - 1)',
      ],
      [
        'credit/rules/charge',
        '(0, micros_1.smaller)((0, price_1.cost)(tariff, billsec), call.maxCost)',
        '(0, price_1.cost)(tariff, billsec)',
      ],
    ],
  },
  'an unanswered call is not charged': {
    broken: 'an unanswered call is charged from its start',
    edits: [
      ['credit/rules/charge', 'if (end.answerAt === null)', 'if (false)'],
      ['credit/rules/charge', 'end.endAt - end.answerAt', 'end.endAt - (end.answerAt ?? call.startAt)'],
    ],
  },
  'who is dialled is in one bridge with the caller': {
    broken: 'the caller is joined with the first trunk only, whose leg may never have been made',
    edits: [['calls/legs', 'this.joined ? [leg] : [uniqueid, leg]', "leg.endsWith('-1') ? [uniqueid, leg] : [leg]"]],
  },
  'nobody pays for talk that he is not in': {
    broken: 'talk begins when the called leg is answered, whether the caller is or not',
    edits: [
      ['calls/call-steps', 'Math.max(legAnsweredAt, callerAnsweredAt)', 'legAnsweredAt'],
      ['calls/call-steps', 'legAnsweredAt === null || callerAnsweredAt === null', 'legAnsweredAt === null'],
    ],
  },
  'legs that lost their bridge go': {
    broken: 'a leg that was taken out of its bridge is left alone',
    edits: [
      [
        'calls/broken-talk',
        "phase === 'talking' ? (0, call_steps_1.legsOf)(state).includes(channel)",
        "phase === 'talking' ? false",
      ],
    ],
  },
  'nobody talks past the grant': {
    broken: 'the limits are set five seconds late',
    edits: [['calls/call-deadlines', 'grantedSeconds * 1000 + exports.LIMIT_SLACK_MS', 'grantedSeconds * 1000 + 5000']],
  },
  'the switch allows no more than the ledger holds': {
    broken: 'what a call gives back is given back before the switch has taken it',
    edits: [
      ['calls/call-credit', 'const took = await turns.switch.take(', 'const took = true; void turns.switch.take('],
    ],
  },
  'nobody spends what he has not': {
    broken: 'what is reserved counts as available',
    edits: [
      [
        'credit/rules/account',
        'account.balance + account.creditLimit - account.reserved',
        'account.balance + account.creditLimit',
      ],
    ],
  },
  'a group of calls leaves nothing behind': {
    broken: 'a group of calls is not closed when its last call ends',
    edits: [['credit/open-books', '(0, pool_1.isPool)(account) && account.activeCalls === 0', 'false']],
  },
  'every change is told once': {
    broken: 'an answer that is told again is told again',
    edits: [['credit/open-books', 'const isNews = call.answerAt === null;', 'const isNews = true;']],
  },
  'no reservation is left': {
    broken: 'calls that ended while nobody served are not settled',
    edits: [
      ['calls/unseen-ends', 'void this.ledger.end({ uniqueid, accountcode, trunk, end })', 'void Promise.resolve()'],
    ],
  },
  'no channel is left': {
    broken: 'a channel that belongs to no call is left alone',
    edits: [
      [
        'calls/leftovers',
        "await this.try('stranger_not_hung_up', channel, port.hangup(channel, causes_1.CAUSE.networkOutOfOrder));",
        '',
      ],
    ],
  },
  'no bridge is left': {
    broken: 'an empty bridge of nobody is left alone',
    edits: [
      ['calls/leftovers', "await this.try('empty_bridge_not_destroyed', bridge, port.destroyBridge(bridge));", ''],
    ],
  },
  'nothing is left to do': {
    broken: 'an operation whose account was locked is not tried again',
    edits: [['credit/lane', 'setTimeout(() => this.enqueue(waiting), BUSY_RETRY_MS);', '']],
  },
  'an emergency call is let through': {
    broken: 'an emergency call needs the ledger',
    edits: [['calls/call', 'if (state.emergency) {', 'if (false) {']],
  },
  'without faults everybody gets what he wants': {
    broken: 'nobody is granted anything',
    edits: [['credit/rules/start', 'if (granted.grantedSeconds >= 1)', 'if (granted.grantedSeconds >= Infinity)']],
  },
  'nothing spendable is stranded': {
    broken: 'a call that is answered does not ask for its share',
    edits: [['calls/call-credit', 'if (grant && isEndOfMeans(grant))', 'if (false)']],
  },
  'operators end calls at once': {
    broken: 'a call of a blocked account goes on',
    edits: [['calls/switchboard', 'blocked || endsAll', 'endsAll']],
  },
  'no exception escapes': {
    broken: 'what is told of a call of nobody throws',
    edits: [['calls/heard', 'known.ends.set(channel, end);', "throw new Error('broken');"]],
  },
};

/** The edits of MUTATIONS for which the compiled product below `folder` has no place, or more than one. */
export function misfits(folder: string): string[] {
  const edits = Object.values(MUTATIONS).flatMap(mutation => mutation.edits);
  return edits.flatMap(([file, find]) => {
    const places = readFileSync(join(folder, `${file}.js`), 'utf8').split(find).length - 1;
    return places === 1 ? [] : `${file}.js: ${JSON.stringify(find)} is there ${places} times`;
  });
}

const USAGE = `usage: npm run simulate:mutations -- [options]

  --only <invariant>   this one; all of them take some minutes

example: npm run simulate:mutations -- --only 'no channel is left'

Breaks the compiled product once for each invariant of the simulation, in a copy, and prints at which seed it was found: docs/testing.md's table.`;

function main(): number {
  const { only } = readOptions(USAGE, { only: { type: 'string' } });
  const invariants = INVARIANTS.filter(invariant => only === undefined || invariant === only);
  if (invariants.length === 0) misuse(`--only ${only}: there is no such invariant`);
  const [misfit] = misfits(join(projectRoot, 'dist/src'));
  if (misfit) throw new Error(misfit);
  const copy = join(projectRoot, `.lab/mutations-${process.pid}`);
  mkdirSync(copy, { recursive: true });
  let missed = 0;
  try {
    for (const part of ['src', 'lab', 'simulation'])
      cpSync(join(projectRoot, 'dist', part), join(copy, part), { recursive: true });
    console.log('| invariant | what was broken | found at seed |\n|---|---|---|');
    for (const invariant of invariants) {
      const { broken, edits } = MUTATIONS[invariant];
      const seeds = found(copy, invariant, edits);
      if (seeds === null) missed++;
      console.log(`| ${invariant} | ${broken} | ${seeds ?? `NOT FOUND in ${SEEDS}`} |`);
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  return missed > 0 ? 1 : 0;
}

/** After how many seeds it was found; null if all of them passed. */
function found(copy: string, invariant: Invariant, edits: Edit[]): number | null {
  const originals = new Map<string, string>();
  try {
    for (const [file, find, replace] of edits) {
      const path = join(copy, 'src', `${file}.js`);
      const text = readFileSync(path, 'utf8');
      if (!originals.has(path)) originals.set(path, text);
      writeFileSync(
        path,
        text.replace(find, () => replace),
      );
    }
    const options = ['--seeds', String(SEEDS), '--find', invariant, '--json'];
    const run = spawnSync(process.execPath, [join(copy, 'simulation/main.js'), ...options], { encoding: 'utf8' });
    if (run.stdout === '') throw new Error(run.stderr.trim());
    const { seeds, failed } = JSON.parse(run.stdout);
    return failed > 0 ? seeds : null;
  } finally {
    for (const [path, text] of originals) writeFileSync(path, text);
  }
}

if (require.main === module) process.exitCode = main();
