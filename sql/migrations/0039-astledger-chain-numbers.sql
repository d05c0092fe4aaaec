-- In portions of astledger by entry_id, where entry_number = 0.
-- Formerly, in one transaction: bae61ef3a69a86c1cb8d2bfc6e5339afeebf40fd7e4cf57ed8c1a370cc72afd1
UPDATE astledger l
JOIN (
  SELECT e.entry_id, n.numbered + ROW_NUMBER() OVER (PARTITION BY e.accountcode ORDER BY e.entry_id) AS place
  FROM astledger e FORCE INDEX (PRIMARY)
  JOIN (
    -- In the order of the key chain_building: one row of an account is read, and not all of them.
    SELECT p.accountcode, (SELECT b.entry_number FROM astledger b WHERE b.accountcode = p.accountcode
      ORDER BY b.accountcode, b.entry_number DESC LIMIT 1) AS numbered
    FROM (SELECT DISTINCT accountcode FROM astledger FORCE INDEX (PRIMARY) WHERE entry_id BETWEEN :first AND :last AND entry_number = 0) AS p
  ) AS n ON n.accountcode = e.accountcode
  WHERE e.entry_id BETWEEN :first AND :last AND e.entry_number = 0
) AS places ON places.entry_id = l.entry_id
SET l.entry_number = places.place
