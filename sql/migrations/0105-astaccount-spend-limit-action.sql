ALTER TABLE astaccount
  ADD COLUMN spend_limit_action VARCHAR(8) NOT NULL DEFAULT 'refuse' COMMENT 'What a call beyond max_spend_hour, _day or _month meets. refuse: it is refused; block: the account is blocked too, and its calls are ended',
  ADD CONSTRAINT astaccount_spend_limit_action CHECK (spend_limit_action IN ('refuse', 'block'))
