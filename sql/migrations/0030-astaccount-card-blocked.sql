ALTER TABLE astaccount
  ADD COLUMN is_card_blocked TINYINT(1) NOT NULL DEFAULT 0 COMMENT '1 where it was blocked together with its card, and not by hand: unblocking the card opens it'
