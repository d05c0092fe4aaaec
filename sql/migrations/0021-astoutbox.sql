CREATE TABLE IF NOT EXISTS astoutbox (
  event_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'Order of writing, with gaps; names the event for its receivers',
  kind VARCHAR(30) NOT NULL COMMENT 'authorised, answered, extended, settled and so on: docs/events.md',
  accountcode VARCHAR(80) NOT NULL COMMENT 'astaccount.accountcode that it is about',
  uniqueid VARCHAR(150) NULL COMMENT 'astcdr.uniqueid of the call; NULL where it is about the whole account',
  facts VARCHAR(2000) NOT NULL COMMENT 'JSON: what changed, amounts as decimal texts, instants as UTC',
  created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT 'UTC, by the database''s clock',
  dispatched BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'It was handed to every webhook that wants it',
  PRIMARY KEY (event_id),
  KEY undispatched (dispatched, event_id),
  KEY account (accountcode, event_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='What changed, one row for each change, written in its own transaction; rows may be pruned when dispatched'
