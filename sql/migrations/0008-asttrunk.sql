CREATE TABLE IF NOT EXISTS asttrunk (
  trunk VARCHAR(40) NOT NULL COMMENT 'Name of the carrier''s trunk',
  endpoint VARCHAR(200) NOT NULL COMMENT 'What Asterisk dials, with {number} for the digits: PJSIP/{number}@carrier',
  strip_digits TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Digits taken from the front of the number before dialling',
  add_prefix VARCHAR(20) NOT NULL DEFAULT '' COMMENT 'Digits put in front of the number before dialling',
  cost_deck VARCHAR(40) NULL COMMENT 'astratedeck.deck of what the carrier charges us; NULL when not known',
  created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT 'UTC',
  PRIMARY KEY (trunk),
  CONSTRAINT asttrunk_cost_deck FOREIGN KEY (cost_deck) REFERENCES astratedeck (deck)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='Carriers that calls are sent to'
