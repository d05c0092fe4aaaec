import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { tableText } from '../src/cli/table';
import { formatAmount, type Micros, parseAmount } from '../src/money/micros';
import type { Facts } from '../src/operator/facts';
import { type DoorScene, doorScenes } from './door-scenes';
import type { Say } from './parts';
import type { RingfenceCli } from './ringfence';
import { type CallOptions, type CallSeen, placeCall } from './servers/sipp';
import type { LabSettings } from './settings';

/** The operator's API, and a key that it takes. */
interface OperatorApi {
  url: string;
  key: string;
}

interface Scene {
  title: string;
  accountcode: string;
  /** What the account holds when the scene begins; unchanged if not given. */
  holds?: string;
  call: Omit<CallOptions, 'sip'>;
  /** More calls of the same kind at the same time, each talking for so long; and what its account is topped up by meanwhile. */
  besides?: { talkMs: number }[];
  meanwhile?: { afterMs: number; topUp: string; says: string };
  /** Whether its calls share what it holds. */
  shared?: boolean;
  /** The expected result, as a sentence and as a check. */
  expects: string;
  holdsTrue(calls: CallSeen[]): boolean;
}

const [alice, proxy] = ['127.0.0.2', '127.0.0.5'];

const isCut = (call: CallSeen, atMs: number): boolean =>
  call.endedBy === 'called' && Math.abs(call.talkMs - atMs) < 1000;

const scenes: Scene[] = [
  {
    title: 'A call to Berlin, 3 s of talk, at 0.60 a minute + 0.05, billed 30/6',
    accountcode: 'alice',
    call: { from: alice, to: '4930123450', talkMs: 3000 },
    expects: 'answered; 30 s are billed: 0.05 + 0.30 = 0.35',
    holdsTrue: ([call]) => call!.sipStatus === 200 && call!.endedBy === 'caller',
  },
  {
    title: 'A busy number',
    accountcode: 'alice',
    call: { from: alice, to: '4930123456' },
    expects: '486, which costs nothing',
    holdsTrue: ([call]) => call!.sipStatus === 486,
  },
  {
    title: 'Money for 5 s, and a caller who never hangs up',
    accountcode: 'carol',
    holds: '0.50',
    call: { from: proxy, fromUser: 'carol', to: '442012345670', timeoutMs: 60_000 },
    expects: 'cut after 5 s; nothing is left',
    holdsTrue: ([call]) => call!.sipStatus === 200 && isCut(call!, 5000),
  },
  {
    title: 'Not enough money for the first increment',
    accountcode: 'dave',
    holds: '0.99',
    call: { from: proxy, fromUser: 'dave', to: '33123456780' },
    expects: 'refused before anything is dialled',
    holdsTrue: ([call]) => call!.sipStatus === 403 && !call!.ringing,
  },
  {
    title: 'Two calls at once on one balance that pays for 6 s',
    accountcode: 'erin',
    holds: '0.60',
    call: { from: proxy, fromUser: 'erin', to: '442012345670', calls: 2, timeoutMs: 60_000 },
    expects: 'one is granted and cut after 6 s, the other is refused',
    holdsTrue: calls =>
      calls.filter(call => call.sipStatus === 200 && isCut(call, 6000)).length === 1 &&
      calls.filter(call => call.sipStatus === 403).length === 1,
  },
  {
    title: 'Three calls share 2.70, which is 9 s for each; two hang up after 7 s, the third is saved by a top-up',
    accountcode: 'frank',
    holds: '2.70',
    shared: true,
    call: { from: proxy, fromUser: 'frank', to: '442012345670', timeoutMs: 60_000 },
    besides: [{ talkMs: 7_000 }, { talkMs: 7_000 }],
    meanwhile: { afterMs: 11_000, topUp: '0.60', says: 'a top-up of 0.60 over HTTP, which is 6 s' },
    expects: 'the third has the 13 s that the two left it and 6 s more: it is cut after 19 s, and nothing is left',
    holdsTrue: ([third, ...others]) => isCut(third!, 19_000) && others.every(call => call.endedBy === 'caller'),
  },
];

/** Places the calls, prints their results, the bill, the ledger and the proof. False if something is not as expected. */
export async function demo(where: {
  sip: string;
  databaseUrl: string;
  cli: RingfenceCli;
  api: OperatorApi;
  settings: LabSettings;
  say: Say;
}): Promise<boolean> {
  const { cli, say } = where;
  const startedAt = new Date();
  let good = true;
  for (const [index, scene] of scenes.entries()) {
    const reference = `demo-${startedAt.getTime()}`;
    if (scene.holds !== undefined) await setBalance(cli, scene.accountcode, scene.holds, reference);
    await cli.run(['account', 'set', scene.accountcode, '--mode', scene.shared ? 'shared' : 'strict']);
    say(`\n${index + 1}. ${scene.title}: ${scene.accountcode} calls ${scene.call.to}`);
    const calls = await playScene(scene, where, reference);
    for (const call of calls) say(`   ${sentenceOf(call)}`);
    const held = scene.holdsTrue(calls);
    good &&= held;
    say(`   ${held ? 'as it has to be' : 'NOT as it has to be'}: ${scene.expects}`);
  }
  say('\nOne call through each door, all at once');
  for (const { accountcode, holds } of doorScenes) {
    if (holds !== null) await setBalance(cli, accountcode, holds, `demo-${startedAt.getTime()}`);
  }
  const seen = await Promise.all(doorScenes.map(scene => scene.call(where.settings)));
  await settled(where.databaseUrl);
  for (const [index, scene] of doorScenes.entries()) {
    const held = await showDoor(scene, seen[index]!, { ...where, startedAt }, scenes.length + index + 1);
    good &&= held;
  }
  const accounts = [...new Set([...scenes, ...doorScenes].map(scene => scene.accountcode))];
  await printBooks(where.databaseUrl, accounts, startedAt, say);
  const proof = await cli.try(['verify']);
  say(`\nringfence verify\n${(proof.stdout + proof.stderr).trim()}`);
  return good && proof.exitCode === 0;
}

async function showDoor(
  { door, accountcode, cost }: DoorScene,
  seen: string,
  where: { databaseUrl: string; say: Say; startedAt: Date },
  number: number,
): Promise<boolean> {
  const charged = await costOf(where.databaseUrl, accountcode, where.startedAt);
  const held = charged === cost;
  where.say(
    `\n${number}. ${door}: ${accountcode}\n   ${seen}\n   ${held ? 'as it has to be' : 'NOT as it has to be'}: it costs ${cost}${held ? '' : `, and ${charged === null ? 'there is no call' : `was charged at ${charged}`}`}`,
  );
  return held;
}

/** The charge of the last call of an account since then; null if it has none. */
async function costOf(databaseUrl: string, accountcode: string, since: Date): Promise<string | null> {
  const connection = await createConnection({ uri: databaseUrl, timezone: 'Z', decimalNumbers: false });
  try {
    const [rows] = await connection.query<RowDataPacket[]>(
      'SELECT cost FROM astcdr WHERE accountcode = ? AND start_at >= ? ORDER BY start_at DESC LIMIT 1',
      [accountcode, since],
    );
    return rows[0] ? formatAmount(parseAmount(rows[0].cost)) : null;
  } finally {
    connection.destroy();
  }
}

/** As a shop's web page does it. The reference is its Idempotency-Key too: asked again, nothing more would be added. */
async function topUp(
  api: OperatorApi,
  accountcode: string,
  paid: { amount: string; reference: string },
): Promise<void> {
  const answer = await fetch(`${api.url}/accounts/${accountcode}/topup`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${api.key}`,
      'idempotency-key': paid.reference,
      'content-type': 'application/json',
    },
    body: JSON.stringify(paid),
  });
  if (answer.status !== 200) throw new Error(`the top-up was answered with ${answer.status}: ${await answer.text()}`);
}

/** The calls of a scene, its own first. */
async function playScene(
  scene: Scene,
  where: { sip: string; api: OperatorApi; say: Say },
  reference: string,
): Promise<CallSeen[]> {
  const { accountcode, call, besides = [], meanwhile } = scene;
  const placed = [call, ...besides.map(more => ({ ...call, ...more }))].map(each =>
    placeCall({ sip: where.sip, ...each }),
  );
  if (meanwhile) {
    await new Promise(done => setTimeout(done, meanwhile.afterMs));
    await topUp(where.api, accountcode, { amount: meanwhile.topUp, reference: `${reference}-meanwhile` });
    where.say(`   meanwhile, ${meanwhile.afterMs / 1000} s later: ${meanwhile.says}`);
  }
  return (await Promise.all(placed)).flatMap(({ calls }) => calls);
}

function sentenceOf(call: CallSeen): string {
  if (call.answeredAt === null) return `not answered: SIP ${call.sipStatus ?? '(no answer)'}`;
  return `answered, ${(call.talkMs / 1000).toFixed(1)} s of talk, ended by the ${call.endedBy === 'caller' ? 'caller' : 'switch'}`;
}

/** By an adjustment, as an operator would, so that the demo can be repeated and the books still balance. */
async function setBalance(cli: RingfenceCli, accountcode: string, wanted: string, reference: string): Promise<void> {
  const alreadyThere = 3;
  await cli.run(['account', 'create', accountcode, '--deck', 'retail', '--balance', wanted], [alreadyThere]);
  const { balance } = await cli.json<{ balance: string }>(['account', 'show', accountcode]);
  const difference = (parseAmount(wanted) - parseAmount(balance)) as Micros;
  if (difference === 0n) return;
  await cli.run([
    ...['account', 'adjust', '--reference', reference, '--reason', 'the lab demo begins anew'],
    ...['--', accountcode, formatAmount(difference)],
  ]);
}

/** The caller sees its end a moment before the books have it. */
async function settled(databaseUrl: string): Promise<void> {
  const connection = await createConnection(databaseUrl);
  try {
    for (let attempt = 0; attempt < 100; attempt++) {
      const [rows] = await connection.query<RowDataPacket[]>(
        'SELECT uniqueid FROM astcdr WHERE end_at IS NULL LIMIT 1',
      );
      if (rows.length === 0) return;
      await new Promise(done => setTimeout(done, 100));
    }
  } finally {
    connection.destroy();
  }
}

const billSql = `SELECT accountcode, dst, rate_destination AS destination, disposition, refusal, billsec, billed_seconds,
       granted_seconds, max_cost, cost, hangup_source AS ended_by
FROM astcdr WHERE start_at >= ? ORDER BY start_at, uniqueid`;

const ledgerSql = `SELECT accountcode, kind, reference, amount, balance_after FROM astledger
WHERE accountcode IN (?) AND created_at >= ? ORDER BY entry_id`;

const accountSql = `SELECT accountcode, balance, reserved, credit_limit, currency FROM astaccount
WHERE accountcode IN (?) ORDER BY accountcode`;

/** As the CLI prints them: amounts aligned, without superfluous zeros. */
const withAmounts = (row: RowDataPacket): Facts =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, /^-?\d+\.\d{6}$/.test(value) ? parseAmount(value) : value]),
  );

/** With the same SQL that any report would use. */
async function printBooks(databaseUrl: string, accounts: string[], since: Date, say: Say): Promise<void> {
  const connection = await createConnection({ uri: databaseUrl, timezone: 'Z', decimalNumbers: false });
  try {
    const tables: [title: string, sql: string, values: unknown[]][] = [
      ['The bill (astcdr)', billSql, [since]],
      ['The ledger (astledger)', ledgerSql, [accounts, since]],
      ['The accounts (astaccount)', accountSql, [accounts]],
    ];
    for (const [title, sql, values] of tables) {
      const [rows] = await connection.query<RowDataPacket[]>(sql, values);
      say(`\n${title}\n${tableText(rows.map(withAmounts)).trimEnd()}`);
    }
  } finally {
    connection.destroy();
  }
}
