CREATE TABLE IF NOT EXISTS astbooks (
  only_row TINYINT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'Always 1: there is one row',
  books_id CHAR(36) NOT NULL COMMENT 'Name of these books, made by chance: by it a service sees that a switch carries the calls of another database',
  PRIMARY KEY (only_row),
  CONSTRAINT astbooks_only_row CHECK (only_row = 1)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}} COMMENT='Which books these are: one row'
