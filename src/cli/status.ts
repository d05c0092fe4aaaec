import type { Command } from 'commander';
import { listNodes, type NodeView } from '../ownership/node-view';
import { shortName } from '../ownership/process-identity';
import { addCommand, withDatabase } from './command';
import type { Facts } from './table';
import type { Terminal } from './terminal';

export function addStatusCommand(program: Command, terminal: Terminal): void {
  addCommand(
    program,
    'status',
    'which process acts for which switch, how long its lease lasts, and the calls in progress',
    'status',
  ).action(
    withDatabase(terminal, async ({ database, print }) => {
      const nodes = await listNodes(database);
      const items = nodes.map(print.json ? nodeFacts : nodeLine);
      print.list(
        { items, total: nodes.length },
        { limit: Math.max(1, nodes.length), offset: 0 },
        'no switch was served',
      );
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
    seen: node.seenAt,
  };
}
