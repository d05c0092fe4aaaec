-- How well each trunk carried its calls in the last 30 days: answer-seizure ratio, average call duration and answer delay.
-- asr_percent = answered / calls, acd_seconds = seconds talked / answered calls, answer_delay_seconds = the average time from the
-- call's arrival to its answer, with the ringing and with trunks that were tried before (both NULL if no call was answered). A call
-- counts for the trunk that was dialled last. Three kinds of calls do not count: calls that Ringfence refused, calls whose caller
-- hung up before a trunk was dialled, and calls still in progress.
SELECT
  c.trunk,
  COUNT(*) AS calls,
  COUNT(c.answer_at) AS answered_calls,
  ROUND(100 * COUNT(c.answer_at) / COUNT(*), 1) AS asr_percent,
  ROUND(SUM(c.billsec) / NULLIF(COUNT(c.answer_at), 0), 1) AS acd_seconds,
  ROUND(AVG(TIMESTAMPDIFF(MICROSECOND, c.start_at, c.answer_at)) / 1000000, 1) AS answer_delay_seconds
FROM astcdr AS c
WHERE c.start_at >= UTC_DATE() - INTERVAL 30 DAY
  AND c.end_at IS NOT NULL
  AND c.refusal IS NULL
  AND c.trunk <> ''
GROUP BY c.trunk
ORDER BY calls DESC, c.trunk;
