UPDATE astaccount a SET
  a.entry_count = COALESCE((SELECT MAX(l.entry_number) FROM astledger l WHERE l.accountcode = a.accountcode), 0),
  a.entry_hash = COALESCE((SELECT l.entry_hash FROM astledger l WHERE l.accountcode = a.accountcode
    ORDER BY l.entry_number DESC LIMIT 1), '')
