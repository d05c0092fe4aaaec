CREATE TABLE IF NOT EXISTS astapproval (
  approval_id INT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'Number of the request, with gaps',
  state VARCHAR(10) NOT NULL DEFAULT 'open' COMMENT 'open, approved or refused; an open one has expired at expires_at',
  accountcode VARCHAR(80) NOT NULL COMMENT 'astaccount.accountcode',
  kind VARCHAR(12) NOT NULL COMMENT 'top_up, refund or adjustment, as astledger has it',
  amount DECIMAL(20,6) NOT NULL COMMENT 'Added to the balance when it is approved',
  currency CHAR(3) NOT NULL COMMENT 'Currency of the account',
  reference VARCHAR(150) NOT NULL COMMENT 'As astledger will have it',
  of_call TINYINT UNSIGNED NOT NULL COMMENT '1 if the reference must be a call''s',
  overdraw TINYINT UNSIGNED NOT NULL COMMENT '1 if it may take more than is available',
  reason VARCHAR(255) NOT NULL COMMENT 'Why, in the words of the actor that asked',
  requested_by VARCHAR(100) NOT NULL COMMENT 'The actor that asked',
  created_at DATETIME(3) NOT NULL COMMENT 'UTC, by the database''s clock',
  expires_at DATETIME(3) NOT NULL COMMENT 'UTC; from then on it cannot be approved',
  decided_by VARCHAR(100) NULL COMMENT 'The actor that approved or refused it; NULL while it is open',
  decided_at DATETIME(3) NULL COMMENT 'UTC, by the database''s clock; NULL while it is open',
  decision_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'astaudit.request_id of the decision; NULL while it is open',
  PRIMARY KEY (approval_id),
  KEY cause (accountcode, kind, reference)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='Movements of money that wait for a second person, and what became of them'
