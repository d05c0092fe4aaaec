CREATE TABLE IF NOT EXISTS astauditchain (
  chain_number BIGINT UNSIGNED NOT NULL COMMENT 'Place in the chain: 1, 2, 3 without a gap',
  audit_id BIGINT UNSIGNED NOT NULL COMMENT 'astaudit.audit_id',
  chain_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SHA-256 over the row of astaudit and the hash of the place before, which is empty for the first: docs/ledger.md',
  PRIMARY KEY (chain_number),
  UNIQUE KEY audit_row (audit_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='The rows of astaudit in the order in which they were chained, a moment after their COMMIT; rows are only ever added'
