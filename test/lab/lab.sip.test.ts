import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { findFreePort } from '../../lab/servers/ports';

/** The lab as a person uses it, in a folder and on ports of its own. */

const folder = mkdtempSync(join(process.env.RINGFENCE_TEST_FOLDER!, 'lab-'));
const projectFolder = join(__dirname, '../..');
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  // The run's own variables are for tests; the lab's service would take RINGFENCE_ settings for its own.
  environment = {
    ...process.env,
    RINGFENCE_LAB_FOLDER: folder,
    RINGFENCE_LAB_DATABASE_PORT: String(await findFreePort()),
    RINGFENCE_LAB_SIP_PORT: String(await findFreePort()),
    RINGFENCE_LAB_ARI_PORT: String(await findFreePort()),
    RINGFENCE_LAB_CARRIER_PORT: String(await findFreePort('127.0.0.3')),
  };
  for (const name of ['PROXY', 'PROXY_RPC', 'AGI', 'SEMS', 'RATING', 'CNXCC', 'REST', 'HTTP']) {
    environment[`RINGFENCE_LAB_${name}_PORT`] = String(await findFreePort());
  }
});
afterAll(() => lab('down'));

interface Ended {
  exitCode: number;
  stdout: string;
  stderr: string;
}

function run(program: string, args: string[]): Promise<Ended> {
  return new Promise(done => {
    execFile(program, args, { env: environment, cwd: projectFolder }, (error, stdout, stderr) => {
      done({ exitCode: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}

const lab = (step: string): Promise<Ended> => run(process.execPath, ['lab/start.js', 'lab', step]);

const pids = (): string[] =>
  ['database/mariadb', 'asterisk/asterisk', 'carrier/carrier', 'ringfence/ringfence', 'kamailio/kamailio'].map(name =>
    readFileSync(join(folder, `${name}.pid`), 'utf8'),
  );

test('up starts all of it, a second up leaves it alone, and its env can be sourced', async () => {
  expect(await lab('up')).toMatchObject({ exitCode: 0 });
  const first = pids();
  const again = await lab('up');
  expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^up in [\d.]+ s/) });
  expect(pids()).toEqual(first);
  expect(await lab('status')).toMatchObject({ exitCode: 0, stdout: expect.not.stringContaining('down') });
  const sourced = await run('sh', [
    '-c',
    `. ${folder}/env && ringfence account show bob --json && $LAB_SIPP -v; echo "$LAB_SIP $LAB_ARI_URL"; curl -sf -H "Authorization: Bearer $LAB_HTTP_KEY" $LAB_HTTP_URL/keys`,
  ]);
  expect(sourced.stdout).toContain('"balance": "10.00"');
  expect(sourced.stdout).toContain('SIPp v3');
  expect(sourced.stdout).toContain('"name":"lab"');
  expect(sourced.stdout).toContain(`127.0.0.1:${environment.RINGFENCE_LAB_SIP_PORT} http://ringfence:`);
  const [, url, name, password] = /^console +(http:\S+) : log in as (\w+), password (\S+)$/m.exec(again.stdout) ?? [];
  const page = await fetch(`${url}`, { headers: { accept: 'text/html' } });
  expect(await page.text()).toContain('<title>Ringfence</title>');
  const session = await fetch(`${url}api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password }),
  });
  expect(await session.json()).toMatchObject({ name: 'lab', roles: ['admin'] });
});

test('the demonstration is as it has to be, and the books balance', async () => {
  const shown = await lab('demo');
  expect(shown.exitCode).toBe(0);
  expect(shown.stdout.match(/^ {3}as it has to be/gm)).toHaveLength(13);
  expect(shown.stdout).toContain('the books balance');
}, 120_000);

test('down stops all of it; a port in use is then named in one line, and nothing is left half up', async () => {
  expect(await lab('down')).toMatchObject({ exitCode: 0 });
  expect(existsSync(join(folder, 'env'))).toBe(false);
  const port = Number(environment.RINGFENCE_LAB_ARI_PORT);
  const squatter = createServer();
  await new Promise<void>(done => squatter.listen(port, '127.0.0.1', done));
  const refused = await lab('up');
  await new Promise(done => squatter.close(done));
  expect(refused).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining(
      `lab: 127.0.0.1:${port}, which asterisk needs, is in use: set RINGFENCE_LAB_ARI_PORT to another port\n`,
    ),
  });
  const status = await lab('status');
  expect(status.exitCode).toBe(1);
  expect(status.stdout.match(/ down /g)).toHaveLength(5);
});
