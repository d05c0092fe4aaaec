import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../src/config/project-root';
import { CAUSE_OF_REFUSAL, REFUSALS } from '../../src/credit/refusal';

const page = (name: string): string[][] =>
  readFileSync(join(projectRoot, 'docs', name), 'utf8')
    .split('\n')
    .filter(line => line.startsWith('|'))
    .map(line =>
      line
        .split('|')
        .slice(1, -1)
        .map(cell => cell.trim()),
    );

/** The caller's SIP status for a cause, as measured. */
const sipOfCause = new Map(
  page('asterisk.md')
    .filter(([sip]) => /^\d{3}$/.test(sip ?? ''))
    .flatMap(([sip, causes]) => (causes ?? '').split(', ').map(cause => [Number(cause), sip] as const)),
);

test('docs/refusals.md names every refusal in order, with its cause and what the caller sees of it', () => {
  const rows = page('refusals.md').filter(([name]) => name?.startsWith('`'));
  expect(rows.map(([name, , cause, sip]) => [name, cause, sip])).toEqual(
    REFUSALS.map(refusal => {
      const cause = CAUSE_OF_REFUSAL[refusal];
      return [`\`${refusal}\``, String(cause), sipOfCause.get(cause)];
    }),
  );
});
