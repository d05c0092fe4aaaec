CREATE TABLE IF NOT EXISTS astcaller (
  number VARCHAR(32) NOT NULL COMMENT 'The caller''s number: digits, without + or 00',
  accountcode VARCHAR(80) NOT NULL COMMENT 'astaccount.accountcode that pays for its calls without a PIN',
  created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT 'UTC, by the database''s clock',
  PRIMARY KEY (number),
  KEY account (accountcode)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='Callers that are known by their number'
