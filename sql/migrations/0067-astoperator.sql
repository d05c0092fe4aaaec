CREATE TABLE IF NOT EXISTS astoperator (
  operator_id INT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'Number of the person, never used again',
  operator VARCHAR(40) NOT NULL COMMENT 'Name by which the person logs in, in small letters; the audit trail has operator: before it',
  roles VARCHAR(100) NOT NULL COMMENT 'What the person may do: read, support, cashier, prices, admin, separated by commas',
  blocked_at DATETIME(3) NULL COMMENT 'UTC, by the database''s clock; since then the person cannot log in. NULL where the person is not blocked',
  password_hash VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'Slow hash of the password, with its scheme, parameters and salt; NULL until the person has chosen a password',
  password_at DATETIME(3) NULL COMMENT 'UTC, by the database''s clock; when the password was chosen',
  token_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'SHA-256 of the one-time token by which the person chooses a password, hexadecimal; NULL when it was used',
  token_expires_at DATETIME(3) NULL COMMENT 'UTC, by the database''s clock; when that token ends',
  created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT 'UTC, by the database''s clock',
  last_login_at DATETIME(3) NULL COMMENT 'UTC, by the database''s clock',
  last_login_from VARCHAR(45) NULL COMMENT 'Address of that log-in',
  PRIMARY KEY (operator_id),
  UNIQUE KEY named (operator),
  UNIQUE KEY token (token_hash),
  CONSTRAINT astoperator_password CHECK ((password_hash IS NULL) = (password_at IS NULL)),
  CONSTRAINT astoperator_token CHECK ((token_hash IS NULL) = (token_expires_at IS NULL))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='People who may use the operator''s API'
