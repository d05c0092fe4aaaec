CREATE TABLE IF NOT EXISTS astsession (
  session_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'Number of the session, never used again',
  token_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SHA-256 of what the person''s browser holds, hexadecimal: that itself is nowhere',
  operator_id INT UNSIGNED NOT NULL COMMENT 'astoperator.operator_id',
  address VARCHAR(45) NOT NULL COMMENT 'Address from which the person logged in',
  created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT 'UTC, by the database''s clock; the session ends 12 h later at the latest',
  used_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT 'UTC, by the database''s clock, to the minute; the session ends 30 minutes after its last use',
  PRIMARY KEY (session_id),
  UNIQUE KEY token (token_hash),
  KEY person (operator_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='People who are logged in; a session that is ended is deleted'
