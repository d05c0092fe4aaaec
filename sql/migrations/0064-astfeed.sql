CREATE TABLE IF NOT EXISTS astfeed (
  feed_number BIGINT UNSIGNED NOT NULL COMMENT 'Place of the event in the order in which listeners get it: 1, 2, 3 without a gap, but for rows that were pruned',
  event_id BIGINT UNSIGNED NOT NULL COMMENT 'astoutbox.event_id',
  PRIMARY KEY (feed_number),
  UNIQUE KEY event (event_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='The events in the order in which listeners of the API get them: a number is written when all smaller ones are committed'
