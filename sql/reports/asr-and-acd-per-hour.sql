-- How well calls were answered in each hour of the last 30 days, the newest first: answer-seizure ratio and average call duration.
-- hour is when the hour begins, in UTC, and is an hour of UTC if no other zone is asked for; a call counts in the hour when it started. An hour without a call has no line.
-- asr_percent = answered / calls, acd_seconds = seconds talked / answered calls (NULL if there are none). Calls that Ringfence
-- refused never reached a carrier and do not count. Calls still in progress do not count either.
SELECT
  CAST(DATE_FORMAT(c.start_at, '%Y-%m-%d %H:00:00') AS DATETIME) AS hour,
  COUNT(*) AS calls,
  COUNT(c.answer_at) AS answered_calls,
  ROUND(100 * COUNT(c.answer_at) / COUNT(*), 1) AS asr_percent,
  ROUND(SUM(c.billsec) / NULLIF(COUNT(c.answer_at), 0), 1) AS acd_seconds
FROM astcdr AS c
WHERE c.start_at >= UTC_DATE() - INTERVAL 30 DAY
  AND c.end_at IS NOT NULL
  AND c.refusal IS NULL
GROUP BY CAST(DATE_FORMAT(c.start_at, '%Y-%m-%d %H:00:00') AS DATETIME)
ORDER BY hour DESC;
