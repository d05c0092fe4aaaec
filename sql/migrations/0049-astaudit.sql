CREATE TABLE IF NOT EXISTS astaudit (
  audit_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'Order of writing, with gaps',
  request_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'The request that made the change; a change of many rows has several audit rows',
  actor VARCHAR(100) NOT NULL COMMENT 'cli:<unix user> on the command line',
  operation VARCHAR(60) NOT NULL COMMENT 'As the command line names it: account set, trunk remove',
  object VARCHAR(250) NOT NULL COMMENT 'What was changed: account alice, route 49 carrier',
  state_before TEXT NULL COMMENT 'JSON: the fields that changed, as they were; NULL for something new',
  state_after TEXT NULL COMMENT 'JSON: the same fields after the change; NULL for something removed',
  created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT 'UTC, by the database''s clock',
  PRIMARY KEY (audit_id),
  UNIQUE KEY once (request_id, object),
  KEY object (object, audit_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='Every change that an operator made, written in its own transaction; rows are only ever added'
