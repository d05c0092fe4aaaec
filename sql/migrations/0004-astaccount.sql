CREATE TABLE IF NOT EXISTS astaccount (
  accountcode VARCHAR(80) NOT NULL COMMENT 'The channel''s accountcode; compared byte by byte, so Alice, alice and "alice " are three',
  currency CHAR(3) NOT NULL COMMENT 'ISO 4217 code of balance, credit_limit and reserved',
  time_zone VARCHAR(64) NOT NULL DEFAULT 'UTC' COMMENT 'IANA name; decides on which day a rate is valid',
  status VARCHAR(10) NOT NULL DEFAULT 'active' COMMENT 'active or blocked; a blocked account starts no call',
  expires_at DATETIME(3) NULL COMMENT 'UTC; from then on no call starts; NULL for never',
  deck VARCHAR(40) NOT NULL COMMENT 'astratedeck.deck that its calls are rated with',
  balance DECIMAL(20,6) NOT NULL DEFAULT 0 COMMENT 'Sum of the account''s entries in astledger',
  credit_limit DECIMAL(20,6) NOT NULL DEFAULT 0 COMMENT 'How far below zero calls may take the balance',
  reserved DECIMAL(20,6) NOT NULL DEFAULT 0 COMMENT 'Sum of max_cost over the account''s rows in astcreditres; available = balance + credit_limit - reserved',
  active_calls INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Number of the account''s rows in astcreditres',
  max_channels INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Most calls at once, ringing ones counted; 0 for no limit',
  max_call_seconds INT UNSIGNED NULL COMMENT 'Longest call; seconds, NULL for the service''s own limit',
  barred_prefixes VARCHAR(1000) NOT NULL DEFAULT '' COMMENT 'Digits that dialled numbers may not begin with, separated by commas',
  created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT 'UTC',
  PRIMARY KEY (accountcode),
  CONSTRAINT astaccount_reserved CHECK (reserved >= 0),
  CONSTRAINT astaccount_credit_limit CHECK (credit_limit >= 0),
  CONSTRAINT astaccount_status CHECK (status IN ('active', 'blocked'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='Who pays: balance, limits and the sum of what is ring-fenced'
