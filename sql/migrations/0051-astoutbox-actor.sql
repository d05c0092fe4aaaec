ALTER TABLE astoutbox
  ADD COLUMN actor VARCHAR(100) NOT NULL DEFAULT '' COMMENT 'Who made the change: cli:<unix user>, or the door that asked; empty for what a call itself caused' AFTER facts
