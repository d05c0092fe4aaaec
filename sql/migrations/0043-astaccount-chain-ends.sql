-- In portions of astaccount by accountcode, where entry_hash = ''.
-- Formerly, in one transaction: 42698d1f650614ac00b152b9d66082600298878ed87784e4b641f8cc87b41a88
UPDATE astaccount a SET
  a.entry_count = COALESCE((SELECT MAX(l.entry_number) FROM astledger l WHERE l.accountcode = a.accountcode), 0),
  a.entry_hash = COALESCE((SELECT l.entry_hash FROM astledger l WHERE l.accountcode = a.accountcode
    ORDER BY l.entry_number DESC LIMIT 1), '')
WHERE a.accountcode BETWEEN :first AND :last AND a.entry_hash = ''
