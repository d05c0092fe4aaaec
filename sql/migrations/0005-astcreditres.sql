CREATE TABLE IF NOT EXISTS astcreditres (
  uniqueid VARCHAR(150) NOT NULL COMMENT 'astcdr.uniqueid of the call in progress',
  accountcode VARCHAR(80) NOT NULL COMMENT 'astaccount.accountcode whose money is ring-fenced',
  node VARCHAR(80) NOT NULL COMMENT 'The switch that carries the call',
  max_cost DECIMAL(20,6) NOT NULL COMMENT 'The most that the call may cost, in the account''s currency: the cost of granted_seconds',
  granted_seconds INT UNSIGNED NOT NULL COMMENT 'Longest talk that max_cost pays for; the switch hangs up then',
  created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT 'UTC, by the database''s clock',
  expires_at DATETIME(3) NOT NULL COMMENT 'UTC, by the database''s clock; the call cannot be alive after this',
  PRIMARY KEY (uniqueid),
  KEY account_reservations (accountcode),
  CONSTRAINT astcreditres_max_cost CHECK (max_cost >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='Money ring-fenced for calls in progress; one row per open call, deleted when it is settled'
