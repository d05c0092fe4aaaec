CREATE TABLE IF NOT EXISTS astpintry (
  who VARCHAR(100) NOT NULL COMMENT 'caller:<number>, or all for every caller together',
  tries INT UNSIGNED NOT NULL COMMENT 'PINs and codes that were entered and not right, or are being looked at',
  since_at DATETIME(3) NOT NULL COMMENT 'UTC, by the database''s clock; when the counting began, or the limit was reached',
  PRIMARY KEY (who)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='Who tries PINs, so that nobody tries many; rows may be deleted, which lets their callers try again'
