/** What `ringfence verify` and `ringfence deck import` take, with their peak memory: the shipped program. */
import { spawn } from 'node:child_process';
import { createWriteStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ringfenceProgram } from '../../lab/ringfence';
import { openDatabase } from '../../src/database/connection';
import { firstPrefix } from '../grown-books';
import { watchPeak } from '../memory';
import { ago, type Bench, type Books } from './measure';

export async function measureVerify({ small, grown, folder, tell }: Bench): Promise<void> {
  const proof = (books: Books) => join(folder, `${books === small ? 'small' : 'grown'}.proof`);
  const ways: [string, (books: Books) => string[]][] = [
    ['verify', books => ['verify', '--proof', proof(books)]],
    ['verify --since a proof', books => ['verify', '--since', proof(books)]],
    ['verify --since an hour ago', () => ['verify', '--since', ago(1)]],
    ['verify --since a day ago', () => ['verify', '--since', ago(24)]],
  ];
  for (const [what, words] of ways) {
    const [ofSmall, ofGrown] = [await program(small.url, words(small)), await program(grown.url, words(grown))];
    tell({ part: 'verify', what, unit: 'ms', small: ofSmall.ms, grown: ofGrown.ms });
    tell({ part: 'verify', what: `${what}, peak memory`, unit: 'kB', small: ofSmall.peakKb, grown: ofGrown.peakKb });
  }
}

export async function measureImport({ grown, folder, tell }: Bench): Promise<void> {
  const { rates } = grown.size;
  const file = join(folder, 'rates.csv');
  await writeRates(file, rates);
  for (const what of ['first import', 'import again, compared with the version before']) {
    const { ms, peakKb } = await program(grown.url, ['deck', 'import', 'wholesale', file, '--currency', 'EUR']);
    tell({ part: 'import', what: `${what}, ${rates} rates`, unit: 'ms', small: null, grown: ms });
    tell({ part: 'import', what: `${what}, peak memory`, unit: 'kB', small: null, grown: peakKb });
  }
  const database = openDatabase(grown.url);
  await database.raw(
    "DELETE FROM astrate WHERE version IN (SELECT version FROM astratedeckversion WHERE deck = 'wholesale')",
  );
  await database('astratedeckversion').where({ deck: 'wholesale' }).delete();
  await database('astratedeck').where({ deck: 'wholesale' }).delete();
  await database.destroy();
  rmSync(file);
}

function writeRates(file: string, rates: number): Promise<void> {
  const out = createWriteStream(file);
  out.write('prefix,destination,price_per_minute,connect_fee,initial_increment,increment\n');
  const first = firstPrefix(rates);
  for (let line = 0; line < rates; line++) {
    out.write(`${first + line},Destination ${line % 500},0.${String(1 + (line % 97)).padStart(4, '0')},0,60,6\n`);
  }
  return new Promise((done, failed) => out.on('error', failed).end(done));
}

/** Runs a command of the shipped program. @throws Error if it does not exit with 0 */
async function program(url: string, words: string[]) {
  const child = spawn(process.execPath, [ringfenceProgram, ...words], {
    env: { PATH: process.env.PATH, RINGFENCE_DATABASE_URL: url },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr?.on('data', chunk => {
    said += chunk;
  });
  const { code, ...figures } = await watchPeak(child);
  if (code !== 0) throw new Error(`ringfence ${words.join(' ')} ended with ${code}: ${said.trim()}`);
  return figures;
}
