CREATE TABLE IF NOT EXISTS astcashier (
  actor VARCHAR(100) NOT NULL COMMENT 'As the audit trail names the actor: key:till',
  daily_limit DECIMAL(20,6) NOT NULL COMMENT 'The most that it may top up in a UTC day as a cashier, of each currency',
  PRIMARY KEY (actor)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='Limits of cashiers; the row is locked while one of its top-ups is decided'
