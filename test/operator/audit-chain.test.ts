/** The chain of the audit trail, by rows as the database has them: what is told, place by place. */
import type { Row } from '../../src/database/rows';
import { AUDIT_COLUMNS, type AuditEnd, AuditFollower, chainedAfter, NOT_BEGUN } from '../../src/operator/audit-chain';

const NOON = Date.UTC(2026, 10, 30, 12);

/** Six rows, a second apart, and their places. */
function chain(): Row[] {
  let end = NOT_BEGUN;
  return [1, 2, 3, 4, 5, 6].map(number => {
    const row = {
      audit_id: String(number * 10),
      request_id: `request-${number}`,
      actor: 'key:crm',
      address: number === 2 ? null : '10.0.0.7',
      operation: 'account topup',
      object: 'account alice',
      state_before: number === 1 ? null : '{"balance":"1.00"}',
      state_after: '{"balance":"2.00"}',
      created_at: new Date(NOON + number * 1_000),
    } as unknown as Row;
    end = chainedAfter(end, row);
    return {
      ...row,
      chain_number: String(end.number),
      chained_id: row.audit_id,
      chain_hash: end.hash,
    } as unknown as Row;
  });
}

function told(rows: Row[], end: AuditEnd = NOT_BEGUN): string[] {
  const follower = new AuditFollower(end);
  for (const row of rows) follower.follow(row);
  return follower.differences.map(({ rule, audit_id, text }) => `${rule} ${audit_id}: ${text}`);
}

test('a chain as it was written has no difference, and ends with its last place', () => {
  const rows = chain();
  const follower = new AuditFollower();
  for (const row of rows) follower.follow(row);
  expect(follower.differences).toEqual([]);
  expect(follower.followed).toBe(6);
  expect(follower.reached).toEqual({ number: 6, hash: rows[5]?.chain_hash });
});

test.each(AUDIT_COLUMNS)('a row whose %s was changed is told alone, with its number', name => {
  const rows = chain();
  const row = rows[2] as Row;
  row[name] = name === 'created_at' ? new Date(NOON + 3_001) : name === 'audit_id' ? '31' : `${row[name]}x`;
  expect(told(rows)).toEqual([
    'change_follows_the_one_before 30: it does not have the hash of what it says and of place 2: it was changed',
  ]);
});

test.each([
  ['address', 1, '', 'an empty text in place of NULL'],
  ['address', 1, 'NULL', 'the word in place of NULL'],
  ['state_before', 0, '', 'an empty text in place of NULL'],
  ['state_after', 3, null, 'NULL in place of a text'],
])('%s of row %i: %j is told, as it is %s', (name, place, value, _what) => {
  const rows = chain();
  (rows[place] as Row)[name] = value;
  expect(told(rows)).toHaveLength(1);
});

test('text that moves from one column to the next is told', () => {
  const rows = chain();
  Object.assign(rows[3] as Row, { operation: 'account', object: ' topupaccount alice' });
  expect(told(rows)).toHaveLength(1);
});

test.each([0, 2, 5])('the row of place %i + 1 is gone', place => {
  const rows = chain();
  const row = rows[place] as Row;
  for (const name of AUDIT_COLUMNS) row[name] = null;
  const [id, number] = [row.chained_id, row.chain_number];
  expect(told(rows)).toEqual([
    `change_follows_the_one_before ${id}: it had place ${number} of the chain, and was deleted`,
  ]);
});

test.each([
  [0, 1, 'change_follows_the_one_before 20: it has place 2 of the chain, and place 1 is gone'],
  [2, 2, 'change_follows_the_one_before 50: it has place 5 of the chain, and places 3 to 4 are gone'],
])('places from %i on, %i of them, are gone', (first, count, text) => {
  const rows = chain();
  rows.splice(first, count);
  expect(told(rows)).toEqual([text]);
});

test('a hash that was computed for a changed row moves the difference to the row after it', () => {
  const rows = chain();
  const [before, row] = rows.slice(1, 3) as [Row, Row];
  row.actor = 'cli:nobody';
  row.chain_hash = chainedAfter({ number: 2, hash: before.chain_hash }, row).hash;
  expect(told(rows)).toEqual([
    'change_follows_the_one_before 40: it does not have the hash of what it says and of place 3: it was changed',
  ]);
});

test('goes on from a place that is taken as it is', () => {
  const rows = chain();
  const end = { number: 3, hash: rows[2]?.chain_hash };
  expect(told(rows.slice(3), end)).toEqual([]);
  expect(told(rows.slice(3), { ...end, hash: 'f'.repeat(64) })).toHaveLength(1);
});

test('a row that says a time more than ten minutes before the place before it is told; ten minutes are not', () => {
  const at = (minutesBack: number) => {
    let end = NOT_BEGUN;
    return chain().map((row, place) => {
      const changed = {
        ...row,
        created_at: new Date(NOON - (place === 3 ? minutesBack * 60_000 : 0)),
      } as unknown as Row;
      end = chainedAfter(end, changed);
      return Object.assign(changed, { chain_hash: end.hash });
    });
  };
  expect(told(at(10))).toEqual([]);
  expect(told(at(11))).toEqual([
    'change_is_in_time 40: it says 2026-11-30T11:49:00.000Z, and was chained after a change of 2026-11-30T12:00:00.000Z: it was inserted later, or the clock was set back',
  ]);
});
