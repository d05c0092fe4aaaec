ALTER TABLE astcdr
  MODIFY COLUMN is_fixed TINYINT(1) NOT NULL DEFAULT 0 COMMENT '1 where only the call''s own switch may ask for another limit (SEMS and other doors, calls that the dialplan dials): never shortened for others'
