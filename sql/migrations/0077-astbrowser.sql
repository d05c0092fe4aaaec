CREATE TABLE IF NOT EXISTS astbrowser (
  token_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SHA-256 of what the browser holds, hexadecimal: that itself is nowhere',
  operator_id INT UNSIGNED NOT NULL COMMENT 'astoperator.operator_id: no other person is known by it',
  last_at DATETIME(3) NOT NULL COMMENT 'UTC, by the database''s clock; the last log-in from there',
  PRIMARY KEY (token_hash),
  KEY person (operator_id, last_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='In which browsers each person has logged in: tries of strangers delay no log-in from there, at its own address either'
