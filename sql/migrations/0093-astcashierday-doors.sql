ALTER TABLE astcashierday
  MODIFY COLUMN amount DECIMAL(20,6) NOT NULL COMMENT 'What it topped up, and the value of cards and vouchers that it activated; of a door what it took too',
  COMMENT='What each cashier, and each door, moved on each day, written with the movement'
