ALTER TABLE astledger
  ADD COLUMN actor VARCHAR(100) NOT NULL DEFAULT '' COMMENT 'Who moved the money: cli:<unix user>, or the door that asked; empty for what a call itself caused' AFTER reason
