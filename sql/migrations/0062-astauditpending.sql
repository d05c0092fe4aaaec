CREATE TABLE IF NOT EXISTS astauditpending (
  audit_id BIGINT UNSIGNED NOT NULL COMMENT 'astaudit.audit_id, written in the same transaction',
  since_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT 'UTC, by the database''s clock',
  PRIMARY KEY (audit_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='Rows of astaudit that are not in the chain yet'
