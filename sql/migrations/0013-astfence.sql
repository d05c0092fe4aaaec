CREATE TABLE IF NOT EXISTS astfence (
  node VARCHAR(80) NOT NULL COMMENT 'astlease.node',
  lane INT UNSIGNED NOT NULL COMMENT 'A connection of the owner; each has a row of its own',
  epoch BIGINT UNSIGNED NOT NULL COMMENT 'astlease.epoch; a transaction for another one is refused',
  seq BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Counts the transactions; written by each, so that it and a take-over exclude each other',
  PRIMARY KEY (node, lane)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='What every transaction for a switch writes, so that a former owner cannot commit one'
