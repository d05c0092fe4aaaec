CREATE TABLE IF NOT EXISTS astratedeck (
  deck VARCHAR(40) NOT NULL COMMENT 'Name of the rate deck',
  currency CHAR(3) NOT NULL COMMENT 'ISO 4217 code of every price in the deck; an account uses only decks of its own currency',
  version BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'The version that new calls are rated with (astratedeckversion.version); 0 before the first import',
  created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT 'UTC',
  PRIMARY KEY (deck)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='Price lists; an import makes a new version and then moves one pointer'
