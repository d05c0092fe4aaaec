CREATE TABLE IF NOT EXISTS astalarm (
  reporter VARCHAR(200) NOT NULL COMMENT 'The process that reports it, as in astlease.owner',
  alarm VARCHAR(40) NOT NULL COMMENT 'What is wrong: switch_login_refused, endpoint_open',
  subject VARCHAR(150) NOT NULL COMMENT 'With what: the name or the address of a switch',
  details VARCHAR(500) NOT NULL COMMENT 'What that means, and what to do',
  since_at DATETIME(3) NOT NULL COMMENT 'UTC, by the database''s clock; when it was first reported',
  seen_at DATETIME(3) NOT NULL COMMENT 'UTC, by the database''s clock; reported again every 15 s while it lasts: one older than 60 s counts no more',
  PRIMARY KEY (reporter, alarm, subject)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='What services find wrong around them and cannot correct; rows may be deleted'
