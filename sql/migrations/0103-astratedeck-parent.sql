ALTER TABLE astratedeck
  ADD COLUMN parent VARCHAR(40) DEFAULT NULL COMMENT 'astratedeck.deck that it stands on: prefixes that it lacks have the prices of that one, with its markup (docs/pricing.md); NULL for none',
  ADD COLUMN markup_percent DECIMAL(10,6) NOT NULL DEFAULT 0 COMMENT 'Added to each amount of a line of parent, per cent; below zero for less',
  ADD COLUMN markup_amount DECIMAL(20,6) NOT NULL DEFAULT 0 COMMENT 'Added to each price per minute of a line of parent, in currency; below zero for less',
  ADD KEY parents (parent)
