ALTER TABLE astrate
  ADD COLUMN is_blocked TINYINT(1) NOT NULL DEFAULT 0 COMMENT '1 where calls to the prefix are refused, whatever a shorter prefix costs'
