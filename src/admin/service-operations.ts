/** What an operator sees of the whole service: which process acts for which switch, alarms, reports. */
import { Type } from 'typebox';
import { listAlarms, type ReportedAlarm } from '../alarms/alarm-store';
import type { Facts } from '../operator/facts';
import { textField } from '../operator/fields';
import { fields, operation } from '../operator/operation';
import { MOST_ROWS } from '../operator/page';
import { textBy, whole } from '../operator/schema';
import { listNodes, type NodeView } from '../ownership/node-store';
import { reportNamed, reports, runReport } from './reports';

/** Every switch, and what an operator must correct. */
export interface Status {
  nodes: NodeView[];
  alarms: ReportedAlarm[];
}

const nodeFacts = (node: NodeView): Facts => ({
  node: node.node,
  owner: node.owner,
  epoch: node.epoch,
  acquired_at: node.acquiredAt,
  lease_seconds: node.leaseSeconds,
  live_calls: node.liveCalls,
  talking: node.talking,
  past_limit: node.pastLimit,
  overran: node.overran,
  seen_at: node.seenAt,
  switch_started_at: node.switchStartedAt,
});

const alarmFacts = ({ alarm, subject, details, sinceAt, reporter }: ReportedAlarm): Facts => ({
  alarm,
  subject,
  details,
  since_at: sinceAt,
  reporter,
});

const status = operation({
  name: 'status',
  help: 'which process acts for which switch, how long its lease lasts, the calls in progress, and what an operator has to correct',
  example: 'status',
  roles: ['read', 'support', 'cashier', 'prices', 'admin'],
  fields: fields({}),
  arguments: [],
  refusals: [],
  run: async ({ database }): Promise<Status> => ({
    nodes: await listNodes(database),
    alarms: await listAlarms(database),
  }),
  answer: {
    kind: 'record',
    // In the form of a list that has one page.
    facts: ({ nodes, alarms }) => ({
      items: nodes.map(nodeFacts),
      total: nodes.length,
      page: 1,
      limit: Math.max(1, nodes.length),
      alarms: alarms.map(alarmFacts),
    }),
  },
});

const report = operation({
  name: 'report',
  help: 'run a query of sql/reports; without a name, list them. Times are UTC',
  example: 'report top-destinations',
  // Margins and carriers are not for a cashier.
  roles: ['read', 'support', 'prices', 'admin'],
  fields: fields({
    name: Type.Optional(
      textBy((field, text) => textField(field, text, 100), {
        description: 'which report',
        unit: 'name',
        example: 'top-destinations',
      }),
    ),
    limit: Type.Optional(
      whole(1, MOST_ROWS, { description: 'the most rows; all if not given', unit: 'rows', example: 100 }),
    ),
  }),
  arguments: ['name'],
  refusals: ['report_not_found'],
  run: async ({ database }, { name, limit }): Promise<Facts[]> =>
    name === undefined
      ? reports().map(known => ({ report: known.name, meaning: known.meaning }))
      : runReport(database, reportNamed(name), limit),
  answer: { kind: 'rows', facts: rows => rows, none: 'nothing to report' },
});

export const SERVICE_OPERATIONS = [status, report];
