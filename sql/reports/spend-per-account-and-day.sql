-- What each account spent on each of the last 30 days, the newest first: answered calls, minutes talked and billed, cost.
-- A call counts on the day it started, in UTC. Accounts that made no answered call that day have no line.
SELECT
  DATE_FORMAT(c.start_at, '%Y-%m-%d') AS day,
  c.accountcode,
  c.currency,
  COUNT(*) AS answered_calls,
  ROUND(SUM(c.billsec) / 60, 2) AS minutes,
  ROUND(SUM(c.billed_seconds) / 60, 2) AS billed_minutes,
  SUM(c.cost) AS cost
FROM astcdr AS c
WHERE c.start_at >= UTC_DATE() - INTERVAL 30 DAY
  AND c.end_at IS NOT NULL
  AND c.answer_at IS NOT NULL
GROUP BY DATE_FORMAT(c.start_at, '%Y-%m-%d'), c.accountcode, c.currency
ORDER BY day DESC, c.accountcode, c.currency;
