ALTER TABLE astaccount
  ADD COLUMN entry_count INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'How many entries it has: the entry_number of the last one' AFTER balance,
  ADD COLUMN entry_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'The entry_hash of its last entry' AFTER entry_count
