CREATE TABLE IF NOT EXISTS astrecoverycode (
  operator_id INT UNSIGNED NOT NULL COMMENT 'astoperator.operator_id',
  code_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SHA-256 of the code, hexadecimal: it holds 80 bits of chance',
  PRIMARY KEY (operator_id, code_hash)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='Codes by which a person logs in without the authenticator; one that was used is deleted'
