ALTER TABLE astcdr
  ADD COLUMN rate_markups VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'Rate applied: what was added to the amounts of its line, because the deck of the account stands on that of the line (docs/pricing.md), in this order; empty for nothing'
