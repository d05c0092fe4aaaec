CREATE TABLE IF NOT EXISTS astratedeckversion (
  version BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'Number of the import, over all decks',
  deck VARCHAR(40) NOT NULL COMMENT 'astratedeck.deck',
  source VARCHAR(255) NOT NULL COMMENT 'Name of the file that was imported',
  rates INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Number of rates in this version',
  longest_prefix TINYINT UNSIGNED NOT NULL DEFAULT 32 COMMENT 'Digits of its longest prefix: no more of a number need be compared',
  started_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT 'UTC; when the import began',
  progress_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT 'UTC; when the import last wrote; one without progress for a quarter of an hour is dead and is removed by the next',
  imported_at DATETIME(3) NULL COMMENT 'UTC; when it became the current version; NULL while importing or when the import failed',
  PRIMARY KEY (version),
  KEY deck_versions (deck, version)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='One row per import of a rate deck'
