-- How well the calls of each account were answered in the last 30 days: answer-seizure ratio and average call duration.
-- asr_percent = answered / calls, acd_seconds = seconds talked / answered calls (NULL if there are none). Calls that Ringfence
-- refused never reached a carrier and do not count. Calls still in progress do not count either.
SELECT
  c.accountcode,
  COUNT(*) AS calls,
  COUNT(c.answer_at) AS answered_calls,
  ROUND(100 * COUNT(c.answer_at) / COUNT(*), 1) AS asr_percent,
  ROUND(SUM(c.billsec) / NULLIF(COUNT(c.answer_at), 0), 1) AS acd_seconds
FROM astcdr AS c
WHERE c.start_at >= UTC_DATE() - INTERVAL 30 DAY
  AND c.end_at IS NOT NULL
  AND c.refusal IS NULL
GROUP BY c.accountcode
ORDER BY calls DESC, c.accountcode;
