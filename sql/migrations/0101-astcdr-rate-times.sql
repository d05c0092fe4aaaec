ALTER TABLE astcdr
  ADD COLUMN rate_times VARCHAR(4000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'Rate applied: other prices that the call may meet by the time of day, with the instants from which they count (docs/pricing.md); empty for none'
