CREATE TABLE IF NOT EXISTS astcashierday (
  actor VARCHAR(100) NOT NULL COMMENT 'astcashier.actor',
  day DATE NOT NULL COMMENT 'UTC, by the database''s clock',
  currency CHAR(3) NOT NULL COMMENT 'ISO 4217',
  amount DECIMAL(20,6) NOT NULL COMMENT 'What it topped up, and the value of cards and vouchers that it activated',
  PRIMARY KEY (actor, day, currency)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='What each cashier topped up on each day, written with the top-up'
