/*M! SET STATEMENT max_recursive_iterations = 4294967295 FOR */
UPDATE /*+ SET_VAR(cte_max_recursion_depth = 4294967295) */ astledger l
JOIN (
  WITH RECURSIVE chain (accountcode, entry_number, entry_hash) AS (
    SELECT accountcode, entry_number, CAST(SHA2(CONCAT_WS('|', '', HEX(accountcode), entry_number, kind, HEX(reference), amount,
      balance_after, HEX(reason)), 256) AS CHAR(64))
    FROM astledger WHERE entry_number = 1
    UNION ALL
    SELECT e.accountcode, e.entry_number, SHA2(CONCAT_WS('|', c.entry_hash, HEX(e.accountcode), e.entry_number, e.kind,
      HEX(e.reference), e.amount, e.balance_after, HEX(e.reason)), 256)
    FROM chain c JOIN astledger e ON e.accountcode = c.accountcode AND e.entry_number = c.entry_number + 1
  )
  SELECT accountcode, entry_number, entry_hash FROM chain
) AS chained ON chained.accountcode = l.accountcode AND chained.entry_number = l.entry_number
SET l.entry_hash = chained.entry_hash
