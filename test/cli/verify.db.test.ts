import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ringfenceProgram } from '../../lab/ringfence';
import { addAccount, addDeck } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { json, ringfence } from './cli-fixture';

describe.each(engines)('a proof that is kept, on the command line, %s', engine => {
  let db: TestDatabase;
  let folder: string;
  let kept: string;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    folder = mkdtempSync(join(tmpdir(), 'ringfence-proof-'));
    kept = join(folder, 'proof.txt');
    await addDeck(db, 'retail', [{}]);
    await addAccount(db, 'alice', '4');
    await addAccount(db, 'bob', '2');
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await db.drop();
  });

  const cli = (...words: string[]) => ringfence(db.url, words);

  test('is written whole, for its owner alone, and is what was printed', async () => {
    const { exitCode, out } = await cli('verify', '--proof', kept);
    expect(exitCode).toBe(0);
    const text = readFileSync(kept, 'utf8');
    expect(out.trimEnd().split('\n').at(-1)).toBe(`proof ${createHash('sha256').update(text).digest('hex')}`);
    expect(statSync(kept).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['proof.txt']);
    expect((await json(db.url, ['verify'])).proof).toBe(createHash('sha256').update(text).digest('hex'));
  });

  test('a time proves what changed since then; one that is to come is refused, and so is a proof of it', async () => {
    const { exitCode, out } = await cli('verify', '--since', '2026-01-01T00:00:00Z');
    expect(exitCode).toBe(0);
    expect(out).toMatch(
      /^what changed since then balances: .*; 2 accounts, 2 entries and 0 calls changed or in progress, 0 changes by operators, in \d+ ms\n$/,
    );
    await db.database('astaccount').where({ accountcode: 'bob' }).update({ balance: 3 });
    const wrong = await cli('verify', '--since', '2026-01-01T00:00:00Z');
    expect(wrong.exitCode).toBe(1);
    expect(wrong.out).toMatch(
      /^account "bob": balance 3.00, after its last entry it was 2.00 \(balance_is_sum_of_entries\)\n1 difference; /,
    );
    await db.database('astaccount').where({ accountcode: 'bob' }).update({ balance: 2 });
    for (const words of [['2999-01-01'], ['2026-01-01', '--proof', join(folder, 'none')]]) {
      expect(await cli('verify', '--since', ...words)).toMatchObject({ exitCode: 2, out: '' });
    }
  });

  test('is gone on from, and gives way to the next one', async () => {
    await addAccount(db, 'carol', '1');
    const { exitCode, out } = await cli('verify', '--since', kept, '--proof', kept);
    expect({ exitCode, first: out.split(';')[0] }).toEqual({
      exitCode: 0,
      first: 'the entries go on from the proof, and balance = last entry, reserved = reservations',
    });
    expect(out).toContain('3 accounts, 1 entries since, 0 calls in progress');
    expect(await json(db.url, ['verify', '--since', kept])).toMatchObject({ balanced: true, entries: 0 });
  });

  test.each([
    ['that there is not', () => join(folder, 'none'), 'cannot be read (ENOENT)'],
    ['that is a folder', () => folder, 'cannot be read (EISDIR)'],
    ['that is no proof', () => written('x'), 'is not a whole proof'],
    ['of other books', () => written('ringfence-proof 1 another\n'), 'is a proof of other books (another, these are '],
  ])('a file %s is refused in one line', async (_what, path, why) => {
    const { exitCode, out, err } = await cli('verify', '--since', path());
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toMatch(/^since ".*\n$/);
    expect(err).toContain(why);
  });

  function written(text: string): string {
    const path = join(folder, 'other.txt');
    writeFileSync(path, text);
    return path;
  }

  test('a place that cannot be written to is refused in one line', async () => {
    const { exitCode, err } = await cli('verify', '--proof', join(folder, 'none', 'proof.txt'));
    expect(exitCode).toBe(3);
    expect(err).toMatch(/^proof ".*" cannot be written \(ENOENT\): correct the path\n$/);
  });

  test('a place that cannot be written to ends the program, which keeps no connection', async () => {
    const words = [ringfenceProgram, 'verify', '--proof', join(folder, 'none', 'proof.txt')];
    const env = { PATH: process.env.PATH, RINGFENCE_DATABASE_URL: db.url };
    const run = promisify(execFile)(process.execPath, words, { env, timeout: 30_000 });
    await expect(run).rejects.toMatchObject({ code: 3, killed: false });
  });

  test('is not written over by books that do not balance', async () => {
    const before = readFileSync(kept, 'utf8');
    await db.database('astaccount').where({ accountcode: 'bob' }).update({ balance: '2.01' });
    for (const words of [['verify'], ['verify', '--since', kept]]) {
      const { exitCode, out } = await cli(...words, '--proof', kept);
      expect(exitCode).toBe(1);
      expect(out).not.toContain('proof ');
    }
    expect(readFileSync(kept, 'utf8')).toBe(before);
  });
});
