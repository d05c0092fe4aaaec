ALTER TABLE astdelivery
  ADD COLUMN down_seconds_before INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'astwebhook.down_seconds when it began to wait: 27 hours later it is given up'
