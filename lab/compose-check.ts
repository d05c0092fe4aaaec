/**
 * `npm run check:compose`: builds the stack of docker-compose.yml and starts it as docs/compose.md says, places calls through it, kills the
 * service in the middle of one, and removes everything again. It needs docker or podman, so it is no part of `npm test`.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectFolder } from './parts';
import { isTcpPortFree, isUdpPortFree } from './servers/ports';
import { becomes } from './servers/process';
import { type Carrier, placeCall, startCalls, startCarrier } from './servers/sipp';

/** A name of its own, so that the volumes and containers of a stack in use are not touched. */
const PROJECT = 'ringfence-check';
const SIP = '127.0.0.1:5060';
const CARRIER_PORT = 5070;
/** 6.00 a minute by the second, in lab/rates.csv. */
const NUMBER = '442012345671';

const say = (line: string): void => console.log(line);

/** The words of a command that can run a compose file here and that reaches its engine; null if there is none. */
function composeCommand(): string[] | null {
  const candidates = [['docker', 'compose'], ['podman', 'compose'], ['docker-compose']];
  return candidates.find(words => run([...words, '-p', PROJECT, 'ls']).status === 0) ?? null;
}

function run(words: string[], options: { cwd?: string; isShown?: boolean } = {}) {
  const [program, ...args] = words as [string, ...string[]];
  return spawnSync(program, args, {
    cwd: options.cwd,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: options.isShown ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
  });
}

class Stack {
  constructor(
    private readonly command: string[],
    readonly folder: string,
  ) {}

  /** @throws Error with the output of the command if it fails. */
  do(...words: string[]): string {
    const { status, stdout, stderr, error } = this.try(...words);
    if (status !== 0) throw new Error(`${words.join(' ')} failed: ${error?.message ?? `${stdout}${stderr}`}`);
    return stdout;
  }

  try(...words: string[]) {
    return run([...this.command, '-p', PROJECT, ...words], { cwd: this.folder });
  }

  show(...words: string[]): void {
    const { status } = run([...this.command, '-p', PROJECT, ...words], { cwd: this.folder, isShown: true });
    if (status !== 0) throw new Error(`${words.join(' ')} failed`);
  }

  ringfence(...words: string[]): string {
    return this.do('exec', '-T', 'ringfence', 'ringfence', ...words);
  }

  inDatabase(statement: string): string {
    const command = `MYSQL_PWD=$MARIADB_ROOT_PASSWORD mariadb --host=127.0.0.1 --user=root --skip-column-names --execute="${statement}"`;
    return this.do('exec', '-T', 'database', 'sh', '-c', command).trim();
  }

  async becomesHealthy(): Promise<void> {
    const isHealthy = () => this.try('exec', '-T', 'ringfence', 'node', '/srv/ringfence/health.js').status === 0;
    if (!(await becomes(isHealthy, 60_000))) throw new Error('ringfence does not become healthy within a minute');
  }
}

function check(what: string, isTrue: boolean, seen: unknown): void {
  if (!isTrue) throw new Error(`${what}: not so, but ${JSON.stringify(seen)}`);
  say(`  ok: ${what}`);
}

/** The project's files, with an operator's own beside them. */
function prepare(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-compose-'));
  const { stdout } = run(['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: projectFolder,
  });
  for (const file of stdout.split('\0').filter(Boolean)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(projectFolder, file), join(folder, file));
  }
  const example = readFileSync(join(folder, 'docker/example.env'), 'utf8');
  const filled = example
    .replaceAll(/PASSWORD=$/gm, () => `PASSWORD=${randomBytes(12).toString('hex')}`)
    .replace(/^SWITCH_ADDRESS=$/m, 'SWITCH_ADDRESS=127.0.0.1');
  writeFileSync(join(folder, '.env'), filled);
  writeFileSync(join(folder, 'ringfence.env'), 'RINGFENCE_RING_SECONDS=44\n');
  copyFileSync(join(projectFolder, 'lab/rates.csv'), join(folder, 'docker/decks/rates.csv'));
  writeFileSync(join(folder, 'docker/customers/pjsip-customers.conf'), customerText('alice', '127.0.0.2'));
  writeFileSync(
    join(folder, 'docker/customers/pjsip-carriers.conf'),
    `[main-carrier](carrier)\naors = main-carrier\n\n[main-carrier](carrier-address)\ncontact = sip:127.0.0.3:${CARRIER_PORT}\n`,
  );
  return folder;
}

const customerText = (name: string, address: string): string =>
  `[${name}](customer)\naccountcode = ${name}\n\n[${name}]\ntype = identify\nendpoint = ${name}\nmatch = ${address}\n\n`;

interface ListedCall {
  uniqueid: string;
  cost: string;
  billsec: number;
  evidence: string;
  end_at: string | null;
}

async function checkCalls(stack: Stack): Promise<void> {
  const callsOf = (account: string): ListedCall[] =>
    JSON.parse(stack.ringfence('call', 'list', '--account', account, '--json')).items;
  const settled = async (account: string, count: number): Promise<ListedCall> => {
    const isSettled = () =>
      callsOf(account).length === count && callsOf(account).every(({ end_at }) => end_at !== null);
    if (!(await becomes(isSettled, 60_000)))
      throw new Error(`not ${count} settled calls: ${JSON.stringify(callsOf(account))}`);
    return callsOf(account)[0] as ListedCall;
  };

  const seen = await placeCall({ sip: SIP, from: '127.0.0.2', to: NUMBER, talkMs: 2_300 });
  check('a call is answered', seen.sipStatus === 200, seen);
  const first = await settled('alice', 1);
  check('2 s at 0.10 cost 0.20', first.cost === '0.20', first);

  const talking = await startCalls({ sip: SIP, from: '127.0.0.2', to: NUMBER, talkMs: 8_300 });
  await new Promise(resolve => setTimeout(resolve, 2_500));
  stack.do('kill', '--signal', 'SIGKILL', 'ringfence');
  const ended = await talking.finished;
  check('a call outlives its service', ended.endedBy === 'caller' && ended.sipStatus === 200, ended);
  stack.do('start', 'ringfence');
  await stack.becomesHealthy();
  const second = await settled('alice', 2);
  check(
    '8 s of talk without the service cost 0.80, by the journal',
    second.cost === '0.80' && second.evidence === 'cel',
    second,
  );

  const stranger = await placeCall({ sip: SIP, from: '127.0.0.4', to: NUMBER, talkMs: 1_000 });
  check('an address that is no customer gets 401', stranger.sipStatus === 401, stranger);
  const during = await startCalls({ sip: SIP, from: '127.0.0.2', to: NUMBER, talkMs: 6_300 });
  await new Promise(resolve => setTimeout(resolve, 2_000));
  appendFileSync(join(stack.folder, 'docker/customers/pjsip-customers.conf'), customerText('bob', '127.0.0.4'));
  stack.do('exec', '-T', 'asterisk', 'asterisk', '-rx', 'module reload res_pjsip.so');
  const isCustomer = async () =>
    (await placeCall({ sip: SIP, from: '127.0.0.4', to: NUMBER, talkMs: 1_300 })).sipStatus === 200;
  check('it is one after the documented command', await becomes(isCustomer, 15_000), null);
  const undisturbed = await during.finished;
  check('which ends no call', undisturbed.endedBy === 'caller' && undisturbed.sipStatus === 200, undisturbed);
  const third = await settled('alice', 3);
  check('6 s cost 0.60', third.cost === '0.60', third);
}

function checkConfiguration(stack: Stack): void {
  const wrong = stack.try('run', '--rm', '--no-deps', '-T', '-e', 'DATABASE_PASSWORD=p@ss#1', 'users');
  const told = `${wrong.stdout}${wrong.stderr}`;
  // The exit code of a container that is removed at its end depends on the engine: podman's API reported 0.
  const isRefused = told.includes('DATABASE_PASSWORD in .env') && !told.includes('is in force');
  check('a password with special characters is refused by name', isRefused, told);
  const environment = stack.do('exec', '-T', 'ringfence', 'env');
  check('a setting of ringfence.env is in force', environment.includes('RINGFENCE_RING_SECONDS=44'), null);
  const journal = stack.do(
    'exec',
    '-T',
    'ringfence',
    'sh',
    '-c',
    'cat "$(printenv RINGFENCE_EVIDENCE_FILES | cut -d= -f2)"/cel-custom/ringfence.csv',
  );
  check("the service reads the switch's own files", journal.includes('"HANGUP"'), journal);
  const written = stack.try('exec', '-T', 'ringfence', 'touch', '/srv/ringfence/x');
  check('the service cannot write its own files', written.status !== 0, written);
  check(
    'the journal is in the database too',
    Number(stack.inDatabase('SELECT COUNT(*) FROM ringfence.astcel')) > 0,
    null,
  );
  check('the binary log is on', stack.inDatabase('SELECT @@log_bin, @@sync_binlog') === '1\t1', null);
  const log = stack.try('logs', '--no-color', 'asterisk');
  check("Asterisk's log is its output", `${log.stdout}${log.stderr}`.includes('SECURITY'), log);
  check('the books balance', stack.ringfence('verify').includes('balance'), null);
}

async function main(): Promise<void> {
  const command = composeCommand();
  if (command === null) {
    say('SKIPPED: check:compose has checked NOTHING: neither docker nor podman with compose reaches an engine here');
    return;
  }
  const busy = [3306, 8088, 9470];
  const taken = (await Promise.all(busy.map(async port => ((await isTcpPortFree(port)) ? [] : [port])))).flat();
  if (!(await isUdpPortFree(5060))) taken.push(5060);
  if (taken.length > 0)
    throw new Error(`the stack's ports ${taken.join(', ')} are in use on 127.0.0.1: stop what listens there`);
  const folder = prepare();
  const stack = new Stack(command, folder);
  let carrier: Carrier | null = null;
  try {
    say(`builds and starts the stack with ${command.join(' ')} in ${folder}`);
    stack.show('build');
    stack.show('up', '--detach');
    await stack.becomesHealthy();
    carrier = await startCarrier({ port: CARRIER_PORT });
    stack.ringfence('deck', 'import', 'retail', '/decks/rates.csv', '--currency', 'EUR');
    stack.ringfence('trunk', 'add', 'main', '--endpoint', 'PJSIP/{number}@main-carrier');
    stack.ringfence('route', 'add', '--prefix', '', '--trunk', 'main');
    for (const name of ['alice', 'bob'])
      stack.ringfence('account', 'create', name, '--deck', 'retail', '--balance', '10.00');
    await checkCalls(stack);
    checkConfiguration(stack);
    say('check:compose passed');
  } finally {
    await carrier?.stop();
    stack.try('down', '--volumes', '--timeout', '10');
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch(error => {
  console.error(`check:compose failed: ${error.message}`);
  process.exitCode = 1;
});
