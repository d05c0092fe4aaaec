-- What each trunk carried in each hour of the last day: calls, answers, talk and the time until the answer.
-- The hour in progress and the 23 before it; an hour without a call of a trunk has no line. A call counts in the hour when it
-- started, for the trunk that was dialled last. ASR = answered_calls / calls, ACD = talk_seconds / answered_calls, answer delay =
-- seconds_to_answer / answered_calls: from the call's arrival, with the ringing and with trunks that were tried before. Calls that
-- Ringfence refused, calls whose caller hung up before a trunk was dialled, and calls still in progress do not count. Times are
-- UTC; the hours are those of UTC if no other zone is asked for.
SELECT
  CAST(DATE_FORMAT(c.start_at, '%Y-%m-%d %H:00:00') AS DATETIME) AS hour,
  c.trunk,
  COUNT(*) AS calls,
  COUNT(c.answer_at) AS answered_calls,
  SUM(c.billsec) AS talk_seconds,
  ROUND(COALESCE(SUM(TIMESTAMPDIFF(MICROSECOND, c.start_at, c.answer_at)), 0) / 1000000, 3) AS seconds_to_answer
FROM astcdr AS c
WHERE c.start_at >= DATE_FORMAT(UTC_TIMESTAMP() - INTERVAL 23 HOUR, '%Y-%m-%d %H:00:00')
  AND c.end_at IS NOT NULL
  AND c.refusal IS NULL
  AND c.trunk <> ''
GROUP BY CAST(DATE_FORMAT(c.start_at, '%Y-%m-%d %H:00:00') AS DATETIME), c.trunk
ORDER BY hour DESC, c.trunk;
