ALTER TABLE astaccount
  ADD COLUMN name VARCHAR(100) NOT NULL DEFAULT '' COMMENT 'Of the customer, for people; empty where it was not set' AFTER accountcode
