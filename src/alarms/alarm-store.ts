import type { Knex } from 'knex';
import { QUESTION_DEADLINE_MS } from '../database/deadline';
import type { Alarm } from './alarm';

/** An alarm that lasts. */
export interface ReportedAlarm extends Alarm {
  /** The process that reports it, as `ownName` writes it. */
  reporter: string;
  sinceAt: Date;
}

/** A row that was not reported again for so long belongs to a process that is gone. */
const COUNTS_SECONDS = 60;

/** After so long such a row is deleted. */
const KEPT_SECONDS = 3_600;

/** The alarms of all services, the oldest first. */
export async function listAlarms(database: Knex): Promise<ReportedAlarm[]> {
  const rows = await database('astalarm')
    .whereRaw(`seen_at >= UTC_TIMESTAMP(3) - INTERVAL ${COUNTS_SECONDS} SECOND`)
    .orderBy(['since_at', 'alarm', 'subject', 'reporter']);
  return rows.map(({ reporter, alarm, subject, details, since_at }) => ({
    reporter,
    alarm,
    subject,
    details,
    sinceAt: since_at,
  }));
}

/** Makes the rows of `reporter` those of `alarms`, and deletes those that it no longer reports. */
export async function reportAlarms(database: Knex, reporter: string, alarms: readonly Alarm[]): Promise<void> {
  for (const { alarm, subject, details } of alarms) {
    await database
      .raw(
        `INSERT INTO astalarm (reporter, alarm, subject, details, since_at, seen_at)
         VALUES (?, ?, ?, ?, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))
         ON DUPLICATE KEY UPDATE details = VALUES(details), seen_at = VALUES(seen_at)`,
        [reporter, alarm, subject, details],
      )
      .timeout(QUESTION_DEADLINE_MS);
  }
  await database('astalarm')
    .where(query => {
      query.where({ reporter });
      for (const { alarm, subject } of alarms) query.whereNot({ alarm, subject });
    })
    .orWhereRaw(`seen_at < UTC_TIMESTAMP(3) - INTERVAL ${KEPT_SECONDS} SECOND`)
    .delete()
    .timeout(QUESTION_DEADLINE_MS);
}
