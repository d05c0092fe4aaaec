CREATE TABLE IF NOT EXISTS astrate (
  version BIGINT UNSIGNED NOT NULL COMMENT 'astratedeckversion.version',
  prefix VARCHAR(32) NOT NULL COMMENT 'Digits that the dialled number begins with; the longest that fits wins; empty for any number',
  line INT UNSIGNED NOT NULL COMMENT 'Line of the imported file; one prefix may have several, for different dates',
  destination VARCHAR(100) NOT NULL COMMENT 'Name of the destination, for people',
  price_per_minute DECIMAL(20,6) NOT NULL COMMENT 'Price of 60 billed seconds, in the deck''s currency',
  connect_fee DECIMAL(20,6) NOT NULL COMMENT 'Charged once per answered call',
  minimum_charge DECIMAL(20,6) NOT NULL COMMENT 'Least cost of an answered call outside its grace',
  initial_increment_seconds INT UNSIGNED NOT NULL COMMENT 'First block of talk, billed whole; seconds',
  increment_seconds INT UNSIGNED NOT NULL COMMENT 'Blocks after the first, billed whole; seconds',
  grace_seconds INT UNSIGNED NOT NULL COMMENT 'A call shorter than this costs nothing; seconds, 0 for none',
  max_seconds INT UNSIGNED NULL COMMENT 'Longest call at this rate; seconds, NULL for no limit of its own',
  valid_from DATE NULL COMMENT 'First day, in the account''s time zone; NULL for always',
  valid_until DATE NULL COMMENT 'Last day, in the account''s time zone; NULL for ever',
  PRIMARY KEY (version, prefix, line),
  CONSTRAINT astrate_prices CHECK (price_per_minute >= 0 AND connect_fee >= 0 AND minimum_charge >= 0),
  CONSTRAINT astrate_increments CHECK (initial_increment_seconds >= 1 AND increment_seconds >= 1)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='The lines of the rate decks; never changed, only added with a new version'
