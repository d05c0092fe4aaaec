ALTER TABLE asttrunk
  ADD COLUMN removed_at DATETIME(3) NULL COMMENT 'UTC; when an operator removed it: from then on it is there only for the cost of calls that began before' AFTER created_at
