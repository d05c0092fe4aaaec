CREATE TABLE IF NOT EXISTS astwebhook (
  webhook_id INT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'Number of the webhook, never used again',
  webhook VARCHAR(40) NOT NULL COMMENT 'Its name',
  url VARCHAR(500) NOT NULL COMMENT 'Where events are posted to',
  secret VARCHAR(200) NOT NULL COMMENT 'Key of the signature, as the receiver has it: not for the eyes of reporting users',
  kinds VARCHAR(1000) NOT NULL DEFAULT '' COMMENT 'Kinds of events that it wants, separated by commas; empty for all',
  accountcode VARCHAR(80) NULL COMMENT 'It wants only events of this account; NULL for all',
  status VARCHAR(10) NOT NULL DEFAULT 'active' COMMENT 'active; paused: its events wait; removed: being removed, gets no more',
  created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT 'UTC, by the database''s clock',
  PRIMARY KEY (webhook_id),
  UNIQUE KEY webhook (webhook),
  CONSTRAINT astwebhook_status CHECK (status IN ('active', 'paused', 'removed'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='Who is told of changes'
