ALTER TABLE asttrunk
  ADD COLUMN callee_codes VARCHAR(200) NULL COMMENT 'SIP statuses, as 404,486, by which this trunk tells the callee''s own refusal, which ends the call; every other tries the next route. NULL for the default of docs/refusals.md' AFTER cost_deck,
  ADD COLUMN callee_causes VARCHAR(200) NULL COMMENT 'The same by Q.850 cause, as 1,17, where Asterisk does not tell the SIP status (before 22.7). NULL for the default' AFTER callee_codes,
  ADD COLUMN next_on_busy TINYINT(1) NOT NULL DEFAULT 0 COMMENT '1: the next route is tried also when the callee is busy' AFTER callee_causes
