ALTER TABLE astidempotency
  ADD COLUMN held_by CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'The request that makes a change in several steps now; NULL while none does',
  ADD COLUMN held_until DATETIME(3) NULL COMMENT 'UTC, by the database''s clock; no other request makes it before. Moved on while it is made: after that instant its process has died, or stands still'
