ALTER TABLE astratedeckversion
  MODIFY COLUMN imported_at DATETIME(3) NULL COMMENT 'UTC; when it became the current version; NULL if it did not',
  ADD COLUMN currency CHAR(3) NULL COMMENT 'ISO 4217 code of its prices; NULL while it is loaded, and of versions from before this column',
  ADD COLUMN compared_with BIGINT UNSIGNED NULL COMMENT 'astratedeckversion.version that was current when it was loaded; 0 if there was none, NULL as currency',
  ADD COLUMN changes TEXT NULL COMMENT 'JSON: what it changes against compared_with, by prefix; NULL if there was none',
  ADD COLUMN loaded_at DATETIME(3) NULL COMMENT 'UTC, by the database''s clock; when all its rates were there: from then on it waits a day to become current. NULL while it is loaded or deleted'
