import type { Command } from 'commander';
import { listAlarms, type ReportedAlarm } from '../alarms/alarm-store';
import type { Facts } from '../operator/facts';
import { listNodes, type NodeView } from '../ownership/node-store';
import { shortName } from '../ownership/process-identity';
import { addCommand, withDatabase } from './command';
import type { Terminal } from './terminal';

export function addStatusCommand(program: Command, terminal: Terminal): void {
  addCommand(
    program,
    'status',
    'which process acts for which switch, how long its lease lasts, the calls in progress, and what an operator has to correct',
    'status',
  ).action(
    withDatabase(terminal, async ({ database, print }) => {
      const nodes = await listNodes(database);
      const alarms = await listAlarms(database);
      const items = nodes.map(print.json ? nodeFacts : nodeLine);
      print.list(
        { items, total: nodes.length },
        { limit: Math.max(1, nodes.length), offset: 0 },
        'no switch was served',
        { alarms: alarms.map(alarmFacts) },
      );
      if (!print.json) for (const alarm of alarms) terminal.out(alarmLine(alarm));
    }),
  );
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

function nodeLine(node: NodeView): Facts {
  const { owner, leaseSeconds } = node;
  const seconds = Math.abs(leaseSeconds).toFixed(1);
  const lease = owner === null ? 'free' : leaseSeconds > 0 ? `${seconds} s left` : `ended ${seconds} s ago`;
  return {
    node: node.node,
    owner: owner === null ? null : shortName(owner),
    since: node.acquiredAt,
    lease,
    live_calls: node.liveCalls,
    talking: node.talking,
    past_limit: node.pastLimit,
    overran: node.overran,
    seen: node.seenAt,
  };
}

const alarmFacts = ({ alarm, subject, details, sinceAt, reporter }: ReportedAlarm): Facts => ({
  alarm,
  subject,
  details,
  since_at: sinceAt,
  reporter,
});

const alarmLine = ({ alarm, subject, details, sinceAt, reporter }: ReportedAlarm): string =>
  `ALARM ${alarm}, ${subject}: ${details} (since ${sinceAt.toISOString()}, reported by ${shortName(reporter)})\n`;
