CREATE TABLE IF NOT EXISTS astnode (
  node VARCHAR(80) NOT NULL COMMENT 'Name of the switch: Asterisk''s systemname',
  seen_at DATETIME(3) NOT NULL COMMENT 'UTC, by the switch''s clock; until then all open calls of this switch were known to be up',
  switch_started_at DATETIME(3) NOT NULL COMMENT 'UTC; when the switch was started, by its own word; a later start has lost its calls',
  PRIMARY KEY (node)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='When each switch was last seen: the end of a call that ended unseen'
