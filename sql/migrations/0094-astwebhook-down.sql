ALTER TABLE astwebhook
  ADD COLUMN down_seconds INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'How long it was tried and took nothing, all in all; seconds. Time in which it was paused or no service ran is left out',
  ADD COLUMN down_at DATETIME(3) NULL COMMENT 'UTC, by the database''s clock; until when that is counted, NULL while it takes events'
