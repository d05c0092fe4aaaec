CREATE TABLE IF NOT EXISTS astverify (
  kind VARCHAR(12) NOT NULL COMMENT 'What was read: whole: every row; since_proof: what follows an earlier proof; since_time: what changed since a time',
  verified_at DATETIME(3) NOT NULL COMMENT 'UTC, by the database''s clock; when the last one of this kind ended',
  differences INT UNSIGNED NOT NULL COMMENT 'How many differences it found: 0 if the books balance',
  elapsed_ms INT UNSIGNED NOT NULL COMMENT 'How long it took',
  actor VARCHAR(100) NOT NULL COMMENT 'Who ran it: cli:<unix user>',
  PRIMARY KEY (kind)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='What the last verify of each kind found, for monitoring'
