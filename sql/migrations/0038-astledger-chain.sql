-- Formerly, without the key: 5da2312b8d709206a25fc91570ce6bfeec0347c8e2ba03b02eca1ef3589519b2
ALTER TABLE astledger
  ADD COLUMN entry_number INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Which entry of its account it is: 1, 2, 3 without a gap' AFTER accountcode,
  ADD COLUMN entry_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'SHA-256 over this entry and the hash of the one before it, which is empty for the first: docs/ledger.md',
  ADD KEY chain_building (accountcode, entry_number DESC)
