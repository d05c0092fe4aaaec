CREATE TABLE IF NOT EXISTS astlease (
  node VARCHAR(80) NOT NULL COMMENT 'Name of the switch: Asterisk''s systemname',
  owner VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'The process that acts for the switch: host, pid and what tells it from others; empty for none',
  epoch BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Number of the lease: one more at each change of owner',
  acquired_at DATETIME(3) NULL COMMENT 'UTC, by the database''s clock; since when the owner has it',
  expires_at DATETIME(3) NOT NULL DEFAULT '2000-01-01 00:00:00' COMMENT 'UTC, by the database''s clock; from then on anybody may take it',
  PRIMARY KEY (node)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='Which process acts for which switch'
