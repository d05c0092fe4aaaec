-- What each account spent on each of the last 30 days, the newest first: answered calls, minutes talked and billed, cost.
-- Corrections and refunds of the calls are subtracted from the cost. A call counts on the day when it started,
-- in UTC if no other zone is asked for. An account without an answered call on a day has no line for it.
SELECT
  DATE_FORMAT(c.start_at, '%Y-%m-%d') AS day,
  c.accountcode,
  c.currency,
  COUNT(*) AS answered_calls,
  SUM(c.billsec) AS talk_seconds,
  ROUND(SUM(c.billsec) / 60, 2) AS minutes,
  SUM(c.billed_seconds) AS billed_seconds,
  ROUND(SUM(c.billed_seconds) / 60, 2) AS billed_minutes,
  SUM(c.cost - COALESCE(k.amount, 0) - COALESCE(r.amount, 0)) AS cost
FROM astcdr AS c
LEFT JOIN astledger AS k ON k.accountcode = c.accountcode AND k.kind = 'correction' AND k.reference = c.uniqueid
LEFT JOIN astledger AS r ON r.accountcode = c.accountcode AND r.kind = 'refund' AND r.reference = c.uniqueid
WHERE c.start_at >= UTC_DATE() - INTERVAL 30 DAY
  AND c.end_at IS NOT NULL
  AND c.answer_at IS NOT NULL
GROUP BY DATE_FORMAT(c.start_at, '%Y-%m-%d'), c.accountcode, c.currency
ORDER BY day DESC, c.accountcode, c.currency;
