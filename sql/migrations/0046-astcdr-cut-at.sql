ALTER TABLE astcdr
  ADD COLUMN cut_at DATETIME(3) NULL COMMENT 'UTC, by the switch''s clock; when Ringfence hung up what was left of a call whose end nobody had heard: what the switch tells of that moment or later is no evidence of the talk' AFTER hangup_wanted
