-- What happened in each minute of the last hour: starts, answers, refusals by reason, talk, revenue and margin.
-- The minute in progress and the 60 before it; a minute without a call has no line. starts, tried_calls and answered_calls count in
-- the minute when the call started, the other columns in the minute when it ended. A line with a refusal has only the calls that
-- were refused for it. tried_calls are the calls let through that were answered or have ended: ASR = answered_calls / tried_calls,
-- ACD = talk_seconds / ended_calls, which were all answered. The margin counts only calls whose carrier's cost is known and in the
-- currency of the sale. Corrections and refunds are not subtracted: they come later. Times are UTC.
SELECT
  h.minute,
  h.refusal,
  h.currency,
  SUM(h.starts) AS starts,
  SUM(h.tried) AS tried_calls,
  SUM(h.answered) AS answered_calls,
  SUM(h.ended) AS ended_calls,
  SUM(h.talk) AS talk_seconds,
  SUM(h.cost) AS revenue,
  SUM(h.known) AS calls_with_known_cost,
  SUM(h.margin) AS margin
FROM (
  SELECT
    DATE_FORMAT(s.start_at, '%Y-%m-%d %H:%i') AS minute,
    s.refusal,
    s.currency,
    1 AS starts,
    CASE WHEN s.refusal IS NULL AND (s.answer_at IS NOT NULL OR s.end_at IS NOT NULL) THEN 1 ELSE 0 END AS tried,
    CASE WHEN s.answer_at IS NOT NULL THEN 1 ELSE 0 END AS answered,
    0 AS ended,
    0 AS talk,
    0 AS cost,
    0 AS known,
    NULL AS margin
  FROM astcdr AS s
  WHERE s.start_at >= DATE_FORMAT(UTC_TIMESTAMP() - INTERVAL 60 MINUTE, '%Y-%m-%d %H:%i:00')
  UNION ALL
  SELECT
    DATE_FORMAT(e.end_at, '%Y-%m-%d %H:%i'),
    NULL,
    e.currency,
    0,
    0,
    0,
    1,
    e.billsec,
    e.cost,
    CASE WHEN e.trunk_currency = e.currency THEN 1 ELSE 0 END,
    CASE WHEN e.trunk_currency = e.currency THEN e.cost - e.trunk_cost END
  FROM astcdr AS e
  WHERE e.end_at >= DATE_FORMAT(UTC_TIMESTAMP() - INTERVAL 60 MINUTE, '%Y-%m-%d %H:%i:00')
    AND e.answer_at IS NOT NULL
) AS h
GROUP BY h.minute, h.refusal, h.currency
ORDER BY h.minute DESC, h.refusal, h.currency;
