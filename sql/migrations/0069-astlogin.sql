CREATE TABLE IF NOT EXISTS astlogin (
  operator_id INT UNSIGNED NOT NULL COMMENT 'astoperator.operator_id',
  place VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'IPv4 address, or the first 64 bits of an IPv6 address',
  last_at DATETIME(3) NOT NULL COMMENT 'UTC, by the database''s clock; the last log-in from there',
  PRIMARY KEY (operator_id, place)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='From where each person has logged in: tries of strangers delay no log-in from there'
