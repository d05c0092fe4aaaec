-- The sales and the margin of each account in the last 30 days: minutes, revenue, carriers' cost and margin.
-- The margin counts only calls whose carrier's cost is known and in the currency of the sale (calls_with_known_cost of
-- answered_calls), because other calls cannot be compared. trunk_cost and margin are NULL if there is no such call.
-- Revenue is the cost of the calls less their corrections and refunds.
SELECT
  c.accountcode,
  c.currency,
  COUNT(*) AS answered_calls,
  SUM(c.billsec) AS talk_seconds,
  ROUND(SUM(c.billsec) / 60, 2) AS minutes,
  SUM(c.cost - COALESCE(k.amount, 0) - COALESCE(r.amount, 0)) AS revenue,
  SUM(CASE WHEN c.trunk_currency = c.currency THEN 1 ELSE 0 END) AS calls_with_known_cost,
  SUM(CASE WHEN c.trunk_currency = c.currency THEN c.trunk_cost END) AS trunk_cost,
  SUM(CASE WHEN c.trunk_currency = c.currency THEN c.cost - COALESCE(k.amount, 0) - COALESCE(r.amount, 0) - c.trunk_cost END) AS margin
FROM astcdr AS c
LEFT JOIN astledger AS k ON k.accountcode = c.accountcode AND k.kind = 'correction' AND k.reference = c.uniqueid
LEFT JOIN astledger AS r ON r.accountcode = c.accountcode AND r.kind = 'refund' AND r.reference = c.uniqueid
WHERE c.start_at >= UTC_DATE() - INTERVAL 30 DAY
  AND c.end_at IS NOT NULL
  AND c.answer_at IS NOT NULL
GROUP BY c.accountcode, c.currency
ORDER BY revenue DESC, c.accountcode, c.currency;
