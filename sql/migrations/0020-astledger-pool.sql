ALTER TABLE astledger
  MODIFY COLUMN kind VARCHAR(12) NOT NULL COMMENT 'top_up, call_charge, refund, adjustment, correction or pool_closed',
  MODIFY COLUMN reference VARCHAR(150) NOT NULL COMMENT 'Its cause: the uniqueid of the call for a call_charge, a correction and a pool_closed (the pool''s last call), the operator''s own reference otherwise; moves money once',
  DROP CONSTRAINT astledger_kind,
  ADD CONSTRAINT astledger_kind CHECK (kind IN ('top_up', 'call_charge', 'refund', 'adjustment', 'correction', 'pool_closed')),
  DROP CONSTRAINT astledger_sign,
  ADD CONSTRAINT astledger_sign CHECK ((kind = 'call_charge' AND amount < 0) OR (kind IN ('top_up', 'refund') AND amount > 0) OR (kind IN ('adjustment', 'correction', 'pool_closed') AND amount <> 0))
