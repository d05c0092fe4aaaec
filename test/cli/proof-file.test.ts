import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeptProof, ProofWriter } from '../../src/cli/proof-file';
import type { AccountEnd } from '../../src/credit/entry-chain';

const HASH = 'a'.repeat(64);
const HEAD = 'ringfence-proof 1 b-1\n';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-proof-'));
  path = join(folder, 'proof.txt');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function endsIn(): Promise<AccountEnd[]> {
  const proof = await KeptProof.open(path, 'b-1');
  const ends: AccountEnd[] = [];
  for await (const end of proof.ends()) ends.push(end);
  await proof.close();
  return ends;
}

test('is read as it was written, whatever an account is called', async () => {
  // As the databases sort them, by bytes: the strings of JavaScript have the last two the other way round.
  const codes = ['', '"a\n7 b', 'a\u2028b', 'zoe', '\uff5e', '\u{1f642}'];
  const ends = codes.map((code, place): AccountEnd => [code, { entryCount: place + 4_000_000_000, entryHash: HASH }]);
  const writer = new ProofWriter(path, 'b-1');
  writer.add(ends.slice(0, 2));
  writer.add([]);
  writer.add(ends.slice(2));
  expect(readdirSync(folder)).not.toContain('proof.txt');
  const digest = writer.keep();
  writer.discard();
  expect(readdirSync(folder)).toEqual(['proof.txt']);
  expect(digest).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'));
  expect(await endsIn()).toEqual(ends);
});

test('of more accounts than are read at a time, also while another one takes its place', async () => {
  const ends = Array.from(
    { length: 10_000 },
    (_, place): AccountEnd => [`a-${String(place).padStart(5, '0')}`, { entryCount: 1, entryHash: HASH }],
  );
  const writer = new ProofWriter(path, 'b-1');
  writer.add(ends);
  writer.keep();
  const proof = await KeptProof.open(path, 'b-1');
  const next = new ProofWriter(path, 'b-1');
  const read: AccountEnd[] = [];
  for await (const end of proof.ends()) {
    read.push(end);
    next.add([end]);
    if (read.length === 1) new ProofWriter(path, 'b-1').keep();
  }
  await proof.close();
  expect(read).toEqual(ends);
});

test('one that is discarded leaves the file as it was', () => {
  writeFileSync(path, 'earlier');
  const writer = new ProofWriter(path, 'b-1');
  writer.add([['zoe', { entryCount: 1, entryHash: HASH }]]);
  writer.discard();
  expect(readdirSync(folder)).toEqual(['proof.txt']);
  expect(readFileSync(path, 'utf8')).toBe('earlier');
});

test('one that goes nowhere has the same digest', () => {
  const digests = [path, null].map(place => new ProofWriter(place, 'b-1').keep());
  expect(digests[0]).toBe(digests[1]);
});

test.each([
  ['nothing', ''],
  ['something else', 'accountcode,balance\n'],
  ['a head without its line feed', HEAD.trimEnd()],
  ['one without its end', `${HEAD}3 ${HASH} "zoe"`],
  ['a hash that is cut', `${HEAD}3 ${HASH.slice(1)} "zoe"\n`],
  ['an entry 0', `${HEAD}0 ${HASH} "zoe"\n`],
  ['a name that is no JSON', `${HEAD}3 ${HASH} "zo"e"\n`],
  ['an empty line', `${HEAD}\n3 ${HASH} "zoe"\n`],
  ['no books', `ringfence-proof 1 \n3 ${HASH} "zoe"\n`],
])('%s is none', async (_what, text) => {
  writeFileSync(path, text);
  await expect(endsIn()).rejects.toThrow(/is not a whole proof/);
});

test.each(['zoe', 'bob'])('one with its accounts out of order, zoe before %s, is told so', async second => {
  writeFileSync(path, `${HEAD}3 ${HASH} "zoe"\n4 ${HASH} "${second}"\n`);
  await expect(endsIn()).rejects.toThrow(/has its accounts in another order .* make a new one/);
});
