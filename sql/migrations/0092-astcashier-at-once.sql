ALTER TABLE astcashier
  MODIFY COLUMN actor VARCHAR(100) NOT NULL COMMENT 'As the audit trail names the actor: key:till, or the door rating:main',
  MODIFY COLUMN daily_limit DECIMAL(20,6) NOT NULL COMMENT 'The most that it may move in a UTC day as a cashier or a door, of each currency',
  ADD COLUMN at_once_limit DECIMAL(20,6) NULL COMMENT 'The most of one movement, or of one card or voucher; NULL for the limit of the day alone' AFTER daily_limit,
  COMMENT='Limits of cashiers, and of doors that move money; the row is locked while one of its movements is decided'
