CREATE TABLE IF NOT EXISTS astdelivery (
  webhook_id INT UNSIGNED NOT NULL COMMENT 'astwebhook.webhook_id',
  event_id BIGINT UNSIGNED NOT NULL COMMENT 'astoutbox.event_id',
  state VARCHAR(10) NOT NULL DEFAULT 'waiting' COMMENT 'waiting; delivered: the receiver answered 2xx; dead: given up, until an operator retries it',
  attempts INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Tries that were begun since it began to wait',
  next_at DATETIME(3) NOT NULL COMMENT 'UTC, by the database''s clock; not to be tried before. A try that begins moves it ahead, so that nobody else tries meanwhile',
  last_status SMALLINT UNSIGNED NULL COMMENT 'HTTP status of the last try; NULL where there was no answer',
  last_error VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'What was wrong with the last try; empty for nothing',
  ended_at DATETIME(3) NULL COMMENT 'UTC, by the database''s clock; when it was delivered or given up, NULL while it waits',
  PRIMARY KEY (webhook_id, event_id),
  KEY due (webhook_id, state, next_at),
  KEY event (event_id),
  KEY ended (ended_at),
  CONSTRAINT astdelivery_state CHECK (state IN ('waiting', 'delivered', 'dead')),
  CONSTRAINT astdelivery_ended CHECK ((state = 'waiting') = (ended_at IS NULL))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='One event on its way to one webhook'
