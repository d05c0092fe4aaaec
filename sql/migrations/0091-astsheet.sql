CREATE TABLE astsheet (
  deck VARCHAR(40) NOT NULL COMMENT 'astratedeck.deck that the carrier''s sheets are imported into; it need not exist yet',
  reading TEXT NOT NULL COMMENT 'JSON: the columns of the sheet with what each means, and how its cells are read',
  kept_by VARCHAR(100) NOT NULL COMMENT 'The actor, as in astaudit.actor',
  kept_at DATETIME(3) NOT NULL COMMENT 'UTC, by the database''s clock',
  PRIMARY KEY (deck)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}} COMMENT='How the sheets of a carrier are read, one row for each deck: for the next file of the same carrier'
