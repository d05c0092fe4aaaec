ALTER TABLE astcdr
  ADD COLUMN hangup_wanted TINYINT(1) NOT NULL DEFAULT 0 COMMENT 'an operator wanted the call ended while it was up: it is granted nothing more' AFTER is_fixed
