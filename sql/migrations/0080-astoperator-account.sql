ALTER TABLE astoperator
  MODIFY COLUMN roles VARCHAR(100) NOT NULL COMMENT 'What the person may do: read, support, cashier, prices, admin, separated by commas; or customer alone',
  ADD COLUMN accountcode VARCHAR(80) NULL COMMENT 'astaccount.accountcode of a customer, who sees this account alone; NULL for every other role' AFTER roles,
  ADD CONSTRAINT astoperator_account FOREIGN KEY (accountcode) REFERENCES astaccount (accountcode),
  ADD CONSTRAINT astoperator_customer CHECK ((roles = 'customer') = (accountcode IS NOT NULL))
