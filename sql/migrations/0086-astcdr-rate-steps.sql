ALTER TABLE astcdr
  ADD COLUMN rate_free_seconds INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Rate applied: the first seconds of the talk, which are not billed; 0 for none',
  ADD COLUMN rate_steps VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'Rate applied: other prices from a second of the talk on, as in astrate.steps; empty for none'
