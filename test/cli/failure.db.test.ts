import { spawnSync } from 'node:child_process';
import { closeSync, cpSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../src/config/project-root';
import { createEmptyDatabase, createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { ringfence } from './cli-fixture';

/** The URL with one part changed. */
function changed(url: string, change: (parts: URL) => void): string {
  const parts = new URL(url);
  change(parts);
  return parts.toString();
}

describe.each(engines)('commands on a bad day, %s', engine => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
  });
  afterAll(() => db.drop());

  /** One line on stderr, nothing on stdout, exit code 1. */
  async function faultLine(url: string, environment: Record<string, string> = {}): Promise<string> {
    const { exitCode, out, err } = await ringfence(url, ['account', 'list'], environment);
    expect({ exitCode, out, lines: err.split('\n').length }).toEqual({ exitCode: 1, out: '', lines: 2 });
    expect(err).not.toMatch(/fence-lab|secret/);
    return err;
  }

  test('a database that is away is named with its address', async () => {
    const away = changed(db.url, parts => {
      parts.port = '1';
    });
    expect(await faultLine(away)).toMatch(/^database \w+ at 127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\): /);
  });

  test('a wrong password is told without showing it', async () => {
    const wrong = changed(db.url, parts => {
      parts.password = 'secret';
    });
    expect(await faultLine(wrong)).toContain('refused the user: correct user and password in RINGFENCE_DATABASE_URL');
  });

  test('a schema that is not there is told', async () => {
    const none = changed(db.url, parts => {
      parts.pathname = '/rf_nowhere';
    });
    expect(await faultLine(none)).toContain('has no such schema: CREATE DATABASE it');
  });

  test('a schema without tables asks for migrate, which makes them, and may be run again', async () => {
    const empty = await createEmptyDatabase(engine);
    expect(await faultLine(empty.url)).toBe('the database has no Ringfence schema: run "ringfence migrate" first\n');
    expect((await ringfence(empty.url, ['migrate'])).out).toMatch(/\d+ applied, the schema is at migration \d+\n$/);
    expect((await ringfence(empty.url, ['migrate'])).out).toMatch(/^nothing to do, the schema is at migration \d+\n$/);
    expect((await ringfence(empty.url, ['account', 'list'])).exitCode).toBe(0);
    await empty.drop();
  });

  test('an account whose code Asterisk cuts is named by migrate, with what to do, and is left as it is', async () => {
    const old = await createTestDatabase(engine);
    const [fits, cut] = ['x'.repeat(79), '中'.repeat(27)];
    for (const accountcode of [fits, cut])
      await old.database('astaccount').insert({ accountcode, currency: 'EUR', deck: 'retail' });
    const { exitCode, err } = await ringfence(old.url, ['migrate']);
    expect(exitCode).toBe(0);
    expect(err).toContain(
      `accountcode "${cut}" is longer than 79 bytes, which Asterisk cuts: its calls are refused; make`,
    );
    expect(err).not.toContain(fits);
    expect(await old.database('astaccount').whereIn('accountcode', [fits, cut])).toHaveLength(2);
    // It can still be emptied and blocked.
    expect((await ringfence(old.url, ['account', 'block', cut, '--no-wait'])).err).toBe('');
    await old.drop();
  });

  test('a newer schema is refused by every command, migrate too', async () => {
    const newer = await createTestDatabase(engine);
    await newer.database('astmigration').insert({ number: 9999, name: '9999-later', checksum: 'x' });
    expect(await faultLine(newer.url)).toContain('the database is at migration 9999, this Ringfence knows only');
    expect((await ringfence(newer.url, ['migrate'])).exitCode).toBe(1);
    await newer.drop();
  });

  test('all that is wrong with the settings is told, one line each', async () => {
    const { exitCode, err } = await ringfence('nonsense', ['account', 'list'], { RINGFENCE_COLOUR: 'red' });
    expect(exitCode).toBe(1);
    expect(err.trimEnd().split('\n')).toEqual([
      expect.stringContaining('RINGFENCE_COLOUR is not a setting'),
      expect.stringContaining('RINGFENCE_DATABASE_URL is wrong: it is not a URL'),
    ]);
  });

  test('with --json a refusal is one JSON object on stderr', async () => {
    const { exitCode, err, out } = await ringfence(db.url, ['account', 'show', 'nobody', '--json']);
    expect({ exitCode, out }).toEqual({ exitCode: 3, out: '' });
    expect(JSON.parse(err).error).toMatchObject({ refusal: 'account_not_found' });
  });
});

describe('usage', () => {
  test.each([
    ['an unknown command', ['acount'], "unknown command 'acount' (Did you mean account?)"],
    ['an unknown option', ['account', 'list', '--colour'], "unknown option '--colour'"],
    ['a missing option', ['account', 'create', 'x'], "required option '--deck <deck>' not specified"],
    ['a missing argument', ['account', 'show'], "missing required argument 'accountcode'"],
    ['an argument too many', ['verify', 'x'], 'too many arguments'],
    ['an escape in a word', ['\u001b[2J'], "unknown command '\\x1b[2J'"],
  ])('%s ends with exit code 2 and one line', async (_what, words, line) => {
    const { exitCode, err, out } = await ringfence('', words);
    expect(err).toContain(line);
    expect({ exitCode, out, lines: err.split('\n').length }).toEqual({ exitCode: 2, out: '', lines: 2 });
  });

  test.each([
    [['account', 'create'], 'ringfence account create alice --deck retail --balance 1.00'],
    [['deck', 'import'], 'prefix, destination, price_per_minute, connect_fee, initial_increment, increment'],
    [['rate', 'explain'], 'ringfence rate explain --account alice'],
    [[], 'Exit codes: 0 done, 1 fault'],
  ])('help of %j needs no database and ends with an example', async (words, line) => {
    const { exitCode, out, err } = await ringfence('', [...words, '--help']);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(out).toContain(line);
  });

  test('output that cannot be written is one line, and no success', () => {
    const full = openSync('/dev/full', 'w');
    try {
      const { status, stderr } = spawnSync(process.execPath, [join(projectRoot, 'bin', 'ringfence'), '--help'], {
        encoding: 'utf8',
        stdio: ['ignore', full, 'pipe'],
      });
      expect(stderr).toMatch(/^the output could not be written \(ENOSPC\): .*\n$/);
      expect(status).toBe(1);
    } finally {
      closeSync(full);
    }
  });

  test('bin/ringfence without its build says in one line how to build it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-bin-'));
    try {
      mkdirSync(join(folder, 'bin'));
      cpSync(join(projectRoot, 'bin', 'ringfence'), join(folder, 'bin', 'ringfence'));
      const { status, stderr } = spawnSync(process.execPath, [join(folder, 'bin', 'ringfence'), 'verify'], {
        encoding: 'utf8',
      });
      expect(status).toBe(1);
      expect(stderr).toMatch(/^Ringfence is not built \(.*main\.js is missing\): run "npm run build" .*\n$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
