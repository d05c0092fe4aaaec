ALTER TABLE astledger
  ALTER COLUMN entry_number DROP DEFAULT,
  ALTER COLUMN entry_hash DROP DEFAULT,
  ADD UNIQUE KEY chain (accountcode, entry_number)
