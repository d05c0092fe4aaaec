-- Calls in progress, the longest first: account, number, talk time and ring-fenced money.
-- talk_seconds is NULL while the call rings. It may exceed granted_seconds by the time that a hang-up takes. Times are UTC.
SELECT
  c.start_at,
  c.answer_at,
  c.accountcode,
  c.src,
  c.dst,
  c.rate_destination AS destination,
  c.trunk,
  TIMESTAMPDIFF(SECOND, c.answer_at, UTC_TIMESTAMP(3)) AS talk_seconds,
  c.granted_seconds,
  c.max_cost,
  c.currency,
  c.node,
  c.uniqueid
FROM astcdr AS c
WHERE c.end_at IS NULL
ORDER BY c.start_at, c.uniqueid;
