-- Accounts whose books do not balance: no line if all is well.
-- balance must be the sum of the account's entries, reserved the sum of its reservations, active_calls their number, and
-- the cost of its calls the sum of its call charges. accountcode_exists is 0 for rows of an account that does not exist: an
-- emergency call of such an account is legal and costs nothing. "ringfence verify" reports more, call by call.
-- One SELECT sees one state of the database, so the result is right while calls start and end. The hints keep the server from
-- reading a million rows in the order of an index.
SELECT
  accountcode,
  SUM(known) AS accountcode_exists,
  SUM(balance) AS balance,
  SUM(entries_sum) AS entries_sum,
  SUM(reserved) AS reserved,
  SUM(reservations_sum) AS reservations_sum,
  SUM(active_calls) AS active_calls,
  SUM(reservations) AS reservations,
  SUM(calls_cost) AS calls_cost,
  SUM(charges_sum) AS charges_sum
FROM (
  SELECT accountcode, 1 AS known, balance, 0 AS entries_sum, reserved, 0 AS reservations_sum, active_calls,
    0 AS reservations, 0 AS calls_cost, 0 AS charges_sum
  FROM astaccount
  UNION ALL
  SELECT accountcode, 0, 0, SUM(amount), 0, 0, 0, 0, 0, SUM(CASE kind WHEN 'call_charge' THEN -amount ELSE 0 END)
  FROM astledger IGNORE INDEX (cause)
  GROUP BY accountcode
  UNION ALL
  SELECT accountcode, 0, 0, 0, 0, SUM(max_cost), 0, COUNT(*), 0, 0
  FROM astcreditres
  GROUP BY accountcode
  UNION ALL
  SELECT accountcode, 0, 0, 0, 0, 0, 0, 0, SUM(cost), 0
  FROM astcdr IGNORE INDEX (account_calls)
  GROUP BY accountcode
) AS books
GROUP BY accountcode
HAVING SUM(balance) <> SUM(entries_sum)
  OR SUM(reserved) <> SUM(reservations_sum)
  OR (SUM(known) > 0 AND SUM(active_calls) <> SUM(reservations))
  OR SUM(calls_cost) <> SUM(charges_sum)
ORDER BY accountcode;
