/** What docs/doors/rest.md and the door's own page say, run and compared. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../../src/config/project-root';
import { parseKeys } from '../../../src/doors/rest/rest-keys';
import { STATUS_OF_PROBLEM } from '../../../src/doors/rest/rest-problems';
import { addAccount, addDeck } from '../../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../../database/test-database';
import { closeDoors, type Json, NODE, openDoor, type TestDoor } from './rest-fixture';

const run = promisify(execFile);
const doc = readFileSync(join(projectRoot, 'docs/doors/rest.md'), 'utf8');
const page = readFileSync(join(projectRoot, 'pages/rest.html'), 'utf8');
const blocks = (language: string): string[] =>
  [...doc.matchAll(/```(\w+)\n(.*?)\n```/gs)].flatMap(([, found, text]) =>
    found === language ? [text as string] : [],
  );
const ADDRESS = 'http://127.0.0.1:8010';

let db: TestDatabase;
let folder: string;
beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  folder = mkdtempSync(join(tmpdir(), 'rest-doc-'));
  await addDeck(db, 'retail', [{}]);
});
afterAll(async () => {
  await closeDoors();
  await db.drop();
  rmSync(folder, { recursive: true });
});

const bash = async (command: string): Promise<string> =>
  (await run('bash', ['-euo', 'pipefail', '-c', command], { cwd: folder })).stdout;

describe('with curl', () => {
  test('every documented command is answered as documented', async () => {
    await addAccount(db, 'alice', '10');
    const rest = await openDoor(db);
    const commands = blocks('bash').filter(command => command.startsWith('curl '));
    const [authorized, extended, settled, account] = blocks('json').map(text => JSON.parse(text));
    const expected: Json[] = [authorized, { state: 'answered' }, extended, settled, account];
    expect(commands).toHaveLength(expected.length);
    for (const [index, command] of commands.entries()) {
      const answer = JSON.parse(await bash(command.replace(ADDRESS, `http://127.0.0.1:${rest.port}`)));
      expect(answer).toMatchObject(expected[index]);
    }
    // And what a caller without money gets.
    await db.database('astaccount').where({ accountcode: 'alice' }).update({ credit_limit: 0, deck: 'retail' });
    await addAccount(db, 'poor', '0');
    const refused = await rest.post('/v1/calls', { call_id: 'p', account: 'poor', number: '49301' });
    expect({ ...refused.body, message: refused.body.message.replace('poor', 'alice') }).toEqual(
      JSON.parse(blocks('json')[4] as string),
    );
    await rest.close();
  });

  test("the documented line makes a key that is let in, in a file that is nobody else's", async () => {
    const line = blocks('bash').find(command => command.startsWith('key=')) as string;
    const entry = (await bash(line)).trim();
    expect(entry).toMatch(/^fs1=[0-9a-f]{64}$/);
    expect(statSync(join(folder, 'fs1.header')).mode & 0o777).toBe(0o600);
    const rest = await openDoor(db, { keys: parseKeys([entry]) });
    const status = (header: string) =>
      bash(`curl -s -o /dev/null -w '%{http_code}' ${header} http://127.0.0.1:${rest.port}/v1/accounts/nobody`);
    expect(await status('-H @fs1.header')).toBe('404');
    expect(await status('')).toBe('401');
    expect(await status("-H 'Authorization: Bearer guess'")).toBe('401');
    await rest.close();
  });
});

describe('the FreeSWITCH script, with a stand-in for its functions', () => {
  let rest: TestDoor;
  beforeAll(async () => {
    await addAccount(db, 'bob', '10');
    rest = await openDoor(db, { keys: parseKeys([`fs1=${SHA256_OF_KEY}`]) });
    writeFileSync(
      join(folder, 'ringfence.lua'),
      (blocks('lua')[0] as string).replace(ADDRESS, `http://127.0.0.1:${rest.port}`),
    );
  });
  afterAll(() => rest.close());

  const lua = async (kind: 'session' | 'hook', variables: Record<string, string>, number = '49301234567') => {
    const environment = {
      PATH: process.env.PATH,
      rf_ringfence_key: 'key',
      rf_accountcode: 'bob',
      ...prefixed(variables),
    };
    const standIn = join(__dirname, 'freeswitch-stand-in.lua');
    const { stdout } = await run('lua5.2', [standIn, join(folder, 'ringfence.lua'), kind, number], {
      env: environment,
    });
    return stdout.trim().split('\n');
  };
  const cdr = (uuid: string) =>
    db
      .database('astcdr')
      .where({ uniqueid: `${NODE}:call:fs1/${uuid}` })
      .first();

  test('a call is limited before it is dialled, and charged when it is over', async () => {
    const caller_id_number = `4940"1'2 %41\n\\u0000;|`;
    expect(await lua('session', { uuid: 'f1', caller_id_number })).toEqual([
      'export nolocal:execute_on_answer=sched_hangup +600 ALLOTTED_TIMEOUT',
      'set hangup_after_bridge=true',
      'bridge sofia/gateway/carrier/49301234567',
      'slept 0',
    ]);
    expect(await cdr('f1')).toMatchObject({ src: '49401241u0000', dst: '49301234567', end_at: null });
    const ended = { uuid: 'f1', billmsec: '61007', hangup_cause_q850: '602', bridge_hangup_cause: 'ALLOTTED_TIMEOUT' };
    for (let times = 0; times < 2; times++) expect(await lua('hook', ended)).toEqual(['slept 0']);
    expect(await cdr('f1')).toMatchObject({ cost: '2.000000', billsec: 61, hangup_source: 'limit', hangup_cause: 16 });
  });

  test('a call that nobody answers costs nothing', async () => {
    await lua('session', { uuid: 'f2' });
    expect(await lua('hook', { uuid: 'f2', billmsec: '0', hangup_cause_q850: '17' })).toEqual(['slept 0']);
    expect(await cdr('f2')).toMatchObject({ cost: '0.000000', disposition: 'BUSY' });
    expect(await db.database('astcreditres').where({ accountcode: 'bob' })).toEqual([]);
  });

  test.each([
    ['an account without money', { accountcode: 'none' }, 'hangup 21'],
    ['an unknown account', { accountcode: 'nobody' }, 'hangup 21'],
    ['no account at all', { accountcode: '' }, 'hangup 29'],
    ['a wrong key', { ringfence_key: 'other' }, 'hangup 29'],
  ])('%s: the caller is refused with the cause, and the hook has nothing to wait for', async (what, more, said) => {
    if (!(await db.database('astaccount').where({ accountcode: 'none' }).first())) await addAccount(db, 'none', '0');
    const uuid = what.replaceAll(' ', '-');
    expect(await lua('session', { uuid, ...more })).toEqual([said, 'slept 0']);
    expect(await lua('hook', { uuid, billmsec: '0', ...more })).toEqual(['slept 0']);
  });

  test('without a service no call is made, and a call that ends meanwhile is told for five minutes', async () => {
    const path = join(folder, 'ringfence.lua');
    const script = readFileSync(path, 'utf8');
    writeFileSync(path, script.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1'));
    expect(await lua('session', { uuid: 'f3' })).toEqual(['hangup NETWORK_OUT_OF_ORDER', 'slept 0']);
    expect(await lua('hook', { uuid: 'f3', billmsec: '5000' })).toEqual(['slept 60']);
    writeFileSync(path, script);
  });
});

describe('the page', () => {
  test('shows the same requests, answers and scripts as the document', () => {
    const shown = [...page.matchAll(/<pre><code class="(\w+)">(.*?)<\/code><\/pre>/gs)].map(([, language, text]) => [
      language,
      (text as string).replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
    ]);
    for (const language of ['bash', 'json', 'xml', 'lua']) {
      const texts = shown.flatMap(([found, text]) => (found === language ? [text] : []));
      expect(texts).toEqual(blocks(language));
    }
  });

  test('loads nothing from anywhere, runs nothing, and is what the door serves', async () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|\bon\w+=|url\((?!#)|@import/i);
    expect([...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, target]) => target)).toEqual(
      expect.not.arrayContaining([expect.stringMatching(/^(?!#|\/openapi\.json$)/)]),
    );
    const anchors = [...page.matchAll(/href="#(\w+)"/g)].map(([, name]) => name);
    for (const name of anchors) expect(page).toContain(`id="${name}"`);
    const rest = await openDoor(db);
    const response = await fetch(`http://127.0.0.1:${rest.port}/`);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toBe("default-src 'none'; style-src 'unsafe-inline'");
    expect(await response.text()).toBe(page);
    await rest.close();
  });
});

test('the document lists every error with its status', () => {
  const rows = [...doc.matchAll(/^\| (\d{3}) \| (`.*`) \|$/gm)].flatMap(([, status, words]) =>
    (words as string).split(', ').map(word => [word.replaceAll('`', ''), Number(status)]),
  );
  expect(Object.fromEntries(rows)).toEqual(STATUS_OF_PROBLEM);
});

const prefixed = (variables: Record<string, string>) =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [`rf_${name}`, value]));

/** Of `key`. */
const SHA256_OF_KEY = '2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683';
