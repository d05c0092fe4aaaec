CREATE TABLE IF NOT EXISTS astvoucher (
  serial BIGINT UNSIGNED NOT NULL COMMENT 'Number of the voucher; its entry in astledger has the reference voucher-<serial>',
  batch VARCHAR(40) NOT NULL COMMENT 'Name of the batch that it was generated in',
  code_hash BINARY(32) NOT NULL COMMENT 'Slow hash of the code, with a key that is not in the database (RINGFENCE_PIN_KEY)',
  code_key CHAR(8) NOT NULL COMMENT 'Which key that was: a print of it',
  status VARCHAR(10) NOT NULL DEFAULT 'generated' COMMENT 'generated: can do nothing; active: may be redeemed; blocked; redeemed: its money is on an account',
  value DECIMAL(20,6) NOT NULL COMMENT 'What it adds to an account',
  currency CHAR(3) NOT NULL COMMENT 'ISO 4217 code of value; the account''s has to be the same',
  expires_at DATETIME(3) NULL COMMENT 'UTC; not redeemed from then on; NULL for never',
  accountcode VARCHAR(80) NULL COMMENT 'astaccount.accountcode whose top-up it was; NULL until it is redeemed',
  created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT 'UTC, by the database''s clock',
  activated_at DATETIME(3) NULL COMMENT 'UTC, by the database''s clock',
  redeemed_at DATETIME(3) NULL COMMENT 'UTC, by the database''s clock',
  PRIMARY KEY (serial),
  UNIQUE KEY code (code_hash),
  KEY batch (batch, serial),
  CONSTRAINT astvoucher_status CHECK (status IN ('generated', 'active', 'blocked', 'redeemed')),
  CONSTRAINT astvoucher_value CHECK (value > 0),
  CONSTRAINT astvoucher_account CHECK ((status = 'redeemed') = (accountcode IS NOT NULL) AND (accountcode IS NULL) = (redeemed_at IS NULL))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='Top-up vouchers: codes that add money to an account, once'
