/** What an operator reads in the audit trail. */
import { type Static, Type } from 'typebox';
import { anyFacts, factsOf, instantFact, orNull, textFact } from '../operator/answer-schema';
import { type AuditView, CHANGES_ORDER, listAudit } from '../operator/audit-store';
import { keyedBy } from '../operator/cursor';
import { type Facts, plainJson } from '../operator/facts';
import { textField } from '../operator/fields';
import { between, betweenOf, fields, keyedRowsOf, operation, PAGE } from '../operator/operation';
import { MOST_ROWS } from '../operator/page';
import { textBy } from '../operator/schema';

const CHANGE = factsOf('Change', {
  audit_id: textFact('order of writing, with gaps'),
  created_at: instantFact(),
  actor: textFact('who made it: cli:<unix user> on the command line, key:<name> for a key'),
  address: orNull(textFact('where it came from over HTTP; null on the command line')),
  operation: textFact('as the command line names it: account set'),
  object: textFact('what was changed: account alice'),
  before: orNull(anyFacts('the fields that changed, as they were; null for something new')),
  after: orNull(anyFacts('the same fields after the change; null for something removed')),
  request_id: textFact('the request that made it'),
});

const auditFacts = (view: AuditView): Static<typeof CHANGE> => ({
  audit_id: view.auditId,
  created_at: view.createdAt,
  actor: view.actor,
  address: view.address,
  operation: view.operation,
  object: view.object,
  before: view.before,
  after: view.after,
  request_id: view.requestId,
});

/** What one line shows of a change. */
const auditLine = ({ createdAt, actor, address, operation: done, object, before, after }: AuditView): Facts => ({
  created_at: createdAt,
  actor,
  address,
  operation: done,
  object,
  before: before && plainJson(before, 0),
  after: after && plainJson(after, 0),
});

const list = operation({
  name: 'audit list',
  help: `what operators changed, the newest first: who, from where, on what, before and after; --actor, --address and --operation choose among the newest ${MOST_ROWS} changes that --object, --from and --to leave`,
  example: 'audit list --object "account alice"',
  roles: ['admin'],
  fields: fields({
    actor: Type.Optional(
      textBy((field, text) => textField(field, text, 100, 1), {
        description: 'only changes by this one',
        unit: 'actor',
        example: 'cli:root',
      }),
    ),
    address: Type.Optional(
      textBy((field, text) => textField(field, text, 45, 1), {
        description: 'only changes that came from this address over HTTP',
        unit: 'address',
        example: '10.0.0.7',
      }),
    ),
    object: Type.Optional(
      textBy((field, text) => textField(field, text, 250, 1), {
        description: 'only changes of this one',
        unit: 'object',
        example: 'account alice',
      }),
    ),
    operation: Type.Optional(
      textBy((field, text) => textField(field, text, 60, 1), {
        description: 'only changes by this command',
        unit: 'command',
        example: 'account set',
      }),
    ),
    ...between('changes that were made'),
    ...PAGE,
    ...keyedBy(CHANGES_ORDER),
  }),
  arguments: [],
  refusals: [],
  run: ({ database }, { limit, page, cursor, count, from, to, ...filter }) =>
    listAudit(
      database,
      { ...filter, ...betweenOf({ from, to }) },
      keyedRowsOf(CHANGES_ORDER, { limit, page, cursor, count }),
    ),
  answer: { kind: 'list', schema: CHANGE, facts: auditFacts, line: auditLine, none: 'no change' },
});

export const AUDIT_OPERATIONS = [list];
