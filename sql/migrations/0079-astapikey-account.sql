ALTER TABLE astapikey
  MODIFY COLUMN roles VARCHAR(100) NOT NULL COMMENT 'What it may do: read, support, cashier, prices, admin, separated by commas; or customer alone',
  ADD COLUMN accountcode VARCHAR(80) NULL COMMENT 'astaccount.accountcode of a customer, which sees this account alone; NULL for every other role' AFTER roles,
  ADD CONSTRAINT astapikey_account FOREIGN KEY (accountcode) REFERENCES astaccount (accountcode),
  ADD CONSTRAINT astapikey_customer CHECK ((roles = 'customer') = (accountcode IS NOT NULL))
