CREATE TABLE IF NOT EXISTS astidempotency (
  actor VARCHAR(100) NOT NULL COMMENT 'Who asked, as the audit trail names it',
  idempotency_key VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'The header Idempotency-Key of the request',
  request_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'The request, as the audit trail names it',
  fingerprint CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SHA-256 of the operation and its fields, secrets left out, hexadecimal',
  status SMALLINT UNSIGNED NULL COMMENT 'HTTP status of the answer; NULL while a change in several steps is not done',
  version CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'Version of what was edited, the ETag; NULL where nothing was edited',
  answer MEDIUMTEXT NULL COMMENT 'The answer as JSON; NULL where it held a secret',
  created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT 'UTC, by the database''s clock',
  PRIMARY KEY (actor, idempotency_key),
  KEY age (created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='Changes that the operator''s API was asked for, and its answers: the same request again changes nothing'
