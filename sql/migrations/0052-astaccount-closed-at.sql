ALTER TABLE astaccount
  ADD COLUMN closed_at DATETIME(3) NULL COMMENT 'UTC, by the database''s clock; when an operator closed it: it is blocked, takes no money and is left out of lists. NULL while it is open' AFTER status,
  ADD CONSTRAINT astaccount_closed CHECK (closed_at IS NULL OR status = 'blocked')
