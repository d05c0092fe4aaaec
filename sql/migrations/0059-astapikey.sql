CREATE TABLE IF NOT EXISTS astapikey (
  api_key_id INT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'Number of the secret, never used again',
  api_key VARCHAR(40) NOT NULL COMMENT 'Name of the key; two secrets of one name may be alive, so that one can follow the other',
  secret_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SHA-256 of the secret, hexadecimal: the secret itself is nowhere',
  roles VARCHAR(100) NOT NULL COMMENT 'What it may do: read, support, cashier, prices, admin, separated by commas',
  addresses VARCHAR(1000) NOT NULL DEFAULT '' COMMENT 'Addresses and networks that may use it, separated by commas; empty for all',
  created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT 'UTC, by the database''s clock',
  expires_at DATETIME(3) NULL COMMENT 'UTC; NULL for never',
  revoked_at DATETIME(3) NULL COMMENT 'UTC; NULL where it was not revoked',
  last_used_at DATETIME(3) NULL COMMENT 'UTC, to the minute',
  last_used_from VARCHAR(45) NULL COMMENT 'Address of that use',
  PRIMARY KEY (api_key_id),
  UNIQUE KEY secret (secret_hash),
  KEY named (api_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='Programs that may use the operator''s API'
