-- The 20 destinations with the highest revenue in the last 30 days, by currency: calls, minutes, revenue.
-- price_per_minute is the revenue per minute of talk, with connect fees and increments; NULL if there was no talk.
SELECT
  c.currency,
  c.rate_destination AS destination,
  COUNT(*) AS answered_calls,
  COUNT(DISTINCT c.accountcode) AS accounts,
  ROUND(SUM(c.billsec) / 60, 2) AS minutes,
  SUM(c.cost) AS revenue,
  ROUND(SUM(c.cost) * 60 / NULLIF(SUM(c.billsec), 0), 6) AS price_per_minute
FROM astcdr AS c
WHERE c.start_at >= UTC_DATE() - INTERVAL 30 DAY
  AND c.end_at IS NOT NULL
  AND c.answer_at IS NOT NULL
  AND c.rate_destination <> ''
GROUP BY c.currency, c.rate_destination
ORDER BY revenue DESC, minutes DESC, destination
LIMIT 20;
