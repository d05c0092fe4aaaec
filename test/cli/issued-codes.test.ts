import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../../src/cli/command';
import { ISSUING } from '../../src/cli/issued-codes';
import { DatabaseFault } from '../../src/database/fault';
import type { Lent } from '../../src/operator/acting';

const folder = mkdtempSync(join(tmpdir(), 'ringfence-codes-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Issues two codes into a file; `after` is what becomes of the COMMIT. */
function issue(name: string, after: () => void): Promise<unknown> {
  const run = async ({ onIssue }: Lent) => {
    onIssue?.([{ serial: 7, code: '999999999999' }]);
    // Their serials were taken meanwhile.
    onIssue?.([
      { serial: 8, code: '111111111111' },
      { serial: 9, code: '222222222222' },
    ]);
    after();
  };
  const context = { terminal: { screen: false } } as Context;
  const lent = ISSUING['card generate']?.lend?.(context, { options: { out: join(folder, name) }, places: [] }, run);
  return Promise.resolve(lent);
}

test.each([
  ['committed', true, null],
  ['perhaps committed', true, new DatabaseFault('away', 'COMMIT_UNKNOWN', 'lost')],
  ['not committed', false, new DatabaseFault('away', 'ECONNRESET', 'lost')],
] as const)('codes that were %s: their file is kept, %s', async (name, isKept, fault) => {
  const ended = issue(name, () => {
    if (fault) throw fault;
  });
  await (fault ? expect(ended).rejects.toBe(fault) : ended);
  expect(existsSync(join(folder, name))).toBe(isKept);
  if (isKept) {
    expect(readFileSync(join(folder, name), 'utf8')).toBe('serial,pin\n8,111111111111\n9,222222222222\n');
  }
});
