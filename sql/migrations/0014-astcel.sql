CREATE TABLE IF NOT EXISTS astcel (
  cel_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'Order of writing',
  eventtype VARCHAR(30) NOT NULL DEFAULT '' COMMENT 'ANSWER, HANGUP, BRIDGE_ENTER, BRIDGE_EXIT, CHAN_END or LINKEDID_END',
  eventtime DATETIME(6) NOT NULL COMMENT 'UTC, by the switch''s clock',
  uniqueid VARCHAR(150) NOT NULL DEFAULT '' COMMENT 'The leg: the caller''s is astcdr.uniqueid, a called one is rf-<that>-<number>; the switch''s name is part of it',
  linkedid VARCHAR(150) NOT NULL DEFAULT '' COMMENT 'uniqueid of the first leg of the call',
  accountcode VARCHAR(80) NOT NULL DEFAULT '' COMMENT 'The channel''s accountcode',
  channame VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'Name of the channel: PJSIP/alice-0000002a',
  extra VARCHAR(1000) NOT NULL DEFAULT '' COMMENT 'JSON; of HANGUP: hangupcause (Q.850), hangupsource, dialstatus',
  PRIMARY KEY (cel_id),
  KEY call_events (linkedid),
  KEY events (eventtime)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='Asterisk''s own journal of every leg (CEL), as its cel_odbc writes it; rows may be pruned by eventtime'
