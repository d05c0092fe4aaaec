-- Why calls of each trunk were not answered in the last day: the Q.850 cause, and who ended the call.
-- The hour in progress and the 23 before it, as in last-day-per-trunk, whose calls less answered_calls these are. A call counts for the
-- trunk that was dialled last: if another trunk carried the call, the refusal of the first one is not here.
SELECT
  c.trunk,
  c.hangup_cause,
  c.hangup_source,
  COUNT(*) AS calls
FROM astcdr AS c
WHERE c.start_at >= DATE_FORMAT(UTC_TIMESTAMP() - INTERVAL 23 HOUR, '%Y-%m-%d %H:00:00')
  AND c.end_at IS NOT NULL
  AND c.answer_at IS NULL
  AND c.refusal IS NULL
  AND c.trunk <> ''
GROUP BY c.trunk, c.hangup_cause, c.hangup_source
ORDER BY c.trunk, calls DESC, c.hangup_cause, c.hangup_source;
