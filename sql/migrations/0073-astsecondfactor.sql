CREATE TABLE IF NOT EXISTS astsecondfactor (
  operator_id INT UNSIGNED NOT NULL COMMENT 'astoperator.operator_id',
  secret VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'What the person''s authenticator knows, encrypted with a key that is not in the database (RINGFENCE_PIN_KEY)',
  confirmed_at DATETIME(3) NULL COMMENT 'UTC, by the database''s clock; since then a log-in needs a code. NULL until the person has shown a first one',
  last_step BIGINT UNSIGNED NULL COMMENT 'Half minute since 1970 of the last code that was accepted: no code of it or of an earlier one is accepted again',
  PRIMARY KEY (operator_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='Second factors of people: codes of an authenticator (TOTP, RFC 6238)'
