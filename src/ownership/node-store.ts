import type { Knex } from 'knex';
import { OVERRUN_ALARM_SECONDS } from '../credit/rules/charge';

/** One switch as the database knows it; nothing in here changes one. */
export interface NodeView {
  node: string;
  /** The process that acts for it, as `ownName` writes it; null if none does. */
  owner: string | null;
  epoch: number;
  acquiredAt: Date | null;
  /** Seconds until the lease ends, by the database's clock. 0 or less: it has ended, and any process may take it. */
  leaseSeconds: number;
  liveCalls: number;
  /** Those of them that were answered. */
  talking: number;
  /** Those that talk on although their limit is past. */
  pastLimit: number;
  /** Calls that ended within the last day and had talked on beyond their limits: an alarm, because no account pays for that talk. */
  overran: number;
  /** When the owner last compared its calls with the switch, by the switch's clock. */
  seenAt: Date | null;
  switchStartedAt: Date | null;
}

/**
 * How long after its limit a call in progress counts as one that goes on beyond it: clocks differ a little, and writing an end takes some
 * time. Seconds.
 */
const PAST_SECONDS = 10;

const OVERRAN = `end_at > UTC_TIMESTAMP(3) - INTERVAL 1 DAY AND overrun_seconds >= ${OVERRUN_ALARM_SECONDS}`;

/** Every switch that was ever served, has a call in progress or had one that went on beyond its limit today, by name. */
export async function listNodes(database: Knex): Promise<NodeView[]> {
  const [rows] = await database.raw(`
    SELECT n.node, l.owner, l.epoch, l.acquired_at,
      TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(3), l.expires_at) / 1000000 AS lease_seconds,
      COALESCE(c.live_calls, 0) AS live_calls, COALESCE(c.talking, 0) AS talking,
      COALESCE(c.past_limit, 0) AS past_limit, COALESCE(o.overran, 0) AS overran, s.seen_at, s.switch_started_at
    FROM (SELECT node FROM astlease UNION SELECT node FROM astnode UNION SELECT node FROM astcdr WHERE end_at IS NULL
      UNION SELECT node FROM astcdr WHERE ${OVERRAN}) n
    LEFT JOIN astlease l ON l.node = n.node
    LEFT JOIN astnode s ON s.node = n.node
    LEFT JOIN (
      SELECT node, COUNT(*) AS live_calls, SUM(answer_at IS NOT NULL) AS talking,
        SUM(TIMESTAMPADD(SECOND, granted_seconds + ${PAST_SECONDS}, answer_at) < UTC_TIMESTAMP(3)) AS past_limit
      FROM astcdr WHERE end_at IS NULL GROUP BY node
    ) c ON c.node = n.node
    LEFT JOIN (SELECT node, COUNT(*) AS overran FROM astcdr WHERE ${OVERRAN} GROUP BY node) o ON o.node = n.node
    ORDER BY n.node`);
  return rows.map((row: Record<string, never>) => ({
    node: row.node,
    owner: row.owner || null,
    epoch: Number(row.epoch ?? 0),
    acquiredAt: row.acquired_at,
    leaseSeconds: Number(row.lease_seconds ?? 0),
    liveCalls: Number(row.live_calls),
    talking: Number(row.talking),
    pastLimit: Number(row.past_limit),
    overran: Number(row.overran),
    seenAt: row.seen_at,
    switchStartedAt: row.switch_started_at,
  }));
}
