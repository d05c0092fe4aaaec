ALTER TABLE asttrunk
  ADD COLUMN enabled TINYINT(1) NOT NULL DEFAULT 1 COMMENT '0: no call is sent to it, as if its routes were not there' AFTER trunk
