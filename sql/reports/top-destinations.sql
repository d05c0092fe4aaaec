-- The 20 destinations with the highest revenue in the last 30 days, by currency: calls, minutes, revenue.
-- All others of a currency together are one line, "(others)", so that the sums are those of all calls with a rate; how many accounts called
-- them is not counted (NULL). price_per_minute is the revenue per minute of talk, with connect fees and increments; NULL if there was no
-- talk.
SELECT
  d.currency,
  d.named AS destination,
  SUM(d.answered_calls) AS answered_calls,
  CASE WHEN MIN(d.place) <= 20 THEN SUM(d.accounts) END AS accounts,
  SUM(d.talk_seconds) AS talk_seconds,
  ROUND(SUM(d.talk_seconds) / 60, 2) AS minutes,
  SUM(d.revenue) AS revenue,
  ROUND(SUM(d.revenue) * 60 / NULLIF(SUM(d.talk_seconds), 0), 6) AS price_per_minute
FROM (
  SELECT
    r.*,
    CASE WHEN r.place <= 20 THEN r.rate_destination ELSE '(others)' END AS named
  FROM (
    SELECT
      c.currency,
      c.rate_destination,
      COUNT(*) AS answered_calls,
      COUNT(DISTINCT c.accountcode) AS accounts,
      SUM(c.billsec) AS talk_seconds,
      SUM(c.cost) AS revenue,
      ROW_NUMBER() OVER (ORDER BY SUM(c.cost) DESC, SUM(c.billsec) DESC, c.rate_destination, c.currency) AS place
    FROM astcdr AS c
    WHERE c.start_at >= UTC_DATE() - INTERVAL 30 DAY
      AND c.end_at IS NOT NULL
      AND c.answer_at IS NOT NULL
      AND c.rate_destination <> ''
    GROUP BY c.currency, c.rate_destination
  ) AS r
) AS d
GROUP BY d.currency, d.named
ORDER BY MIN(d.place);
