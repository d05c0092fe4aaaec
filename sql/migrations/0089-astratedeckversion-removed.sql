ALTER TABLE astratedeckversion
  ADD COLUMN removed_at DATETIME(3) NULL COMMENT 'UTC; when an operator had it deleted, whose rates are being deleted since; NULL for all others' AFTER imported_at
