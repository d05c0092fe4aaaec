CREATE TABLE IF NOT EXISTS astledger (
  entry_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'Order of writing, with gaps',
  accountcode VARCHAR(80) NOT NULL COMMENT 'astaccount.accountcode',
  kind VARCHAR(12) NOT NULL COMMENT 'top_up, call_charge, refund or adjustment',
  reference VARCHAR(150) NOT NULL COMMENT 'Its cause: the uniqueid of the call for a call_charge, the operator''s own reference otherwise; moves money once',
  amount DECIMAL(20,6) NOT NULL COMMENT 'Added to the balance: negative for a charge; in the account''s currency',
  balance_after DECIMAL(20,6) NOT NULL COMMENT 'The account''s balance after this entry',
  reason VARCHAR(255) NOT NULL DEFAULT '' COMMENT 'Why, in the operator''s words',
  created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT 'UTC, by the database''s clock',
  PRIMARY KEY (entry_id),
  UNIQUE KEY cause (accountcode, kind, reference),
  CONSTRAINT astledger_kind CHECK (kind IN ('top_up', 'call_charge', 'refund', 'adjustment')),
  CONSTRAINT astledger_sign CHECK ((kind = 'call_charge' AND amount < 0) OR (kind IN ('top_up', 'refund') AND amount > 0) OR (kind = 'adjustment' AND amount <> 0))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='Every movement of money; rows are only ever added'
