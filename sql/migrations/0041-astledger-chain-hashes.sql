-- In portions of astledger by entry_id, where entry_hash = ''.
-- Formerly, in one transaction: f275ce5dd8841998f3c837a7fb4f47c3508dcdd5379a4ad23d7abcd981c7a20a
/*M! SET STATEMENT max_recursive_iterations = 4294967295 FOR */
UPDATE /*+ SET_VAR(cte_max_recursion_depth = 4294967295) */ astledger l
JOIN (
  WITH RECURSIVE chain (accountcode, entry_number, entry_hash) AS (
    SELECT e.accountcode, e.entry_number, CAST(SHA2(CONCAT_WS('|', COALESCE(b.entry_hash, ''), HEX(e.accountcode), e.entry_number,
      e.kind, HEX(e.reference), e.amount, e.balance_after, HEX(e.reason)), 256) AS CHAR(64))
    FROM astledger e LEFT JOIN astledger b ON b.accountcode = e.accountcode AND b.entry_number = e.entry_number - 1
    WHERE e.entry_id BETWEEN :first AND :last AND e.entry_hash = '' AND (e.entry_number = 1 OR b.entry_hash <> '')
    UNION ALL
    SELECT e.accountcode, e.entry_number, SHA2(CONCAT_WS('|', c.entry_hash, HEX(e.accountcode), e.entry_number, e.kind,
      HEX(e.reference), e.amount, e.balance_after, HEX(e.reason)), 256)
    FROM chain c JOIN astledger e ON e.accountcode = c.accountcode AND e.entry_number = c.entry_number + 1
    WHERE e.entry_id <= :last
  )
  SELECT accountcode, entry_number, entry_hash FROM chain
) AS chained ON chained.accountcode = l.accountcode AND chained.entry_number = l.entry_number
SET l.entry_hash = chained.entry_hash
