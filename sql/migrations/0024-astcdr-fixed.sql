ALTER TABLE astcdr
  ADD COLUMN is_fixed TINYINT(1) NOT NULL DEFAULT 0 COMMENT '1 where the switch heard the limit once, at the start (SEMS): never extended, never shortened for others'
