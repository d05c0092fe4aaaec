CREATE TABLE IF NOT EXISTS astswitchcdr (
  switchcdr_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'Order of writing',
  uniqueid VARCHAR(150) NOT NULL DEFAULT '' COMMENT 'The leg that the record is of; the switch''s name is part of it',
  linkedid VARCHAR(150) NOT NULL DEFAULT '' COMMENT 'uniqueid of the first leg of the call: astcdr.uniqueid',
  accountcode VARCHAR(80) NOT NULL DEFAULT '' COMMENT 'The channel''s accountcode',
  src VARCHAR(80) NOT NULL DEFAULT '' COMMENT 'Caller''s number, as it arrived',
  dst VARCHAR(80) NOT NULL DEFAULT '' COMMENT 'Dialled number, as it arrived',
  channel VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'Name of the leg''s channel',
  dstchannel VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'Name of the channel that it talked to',
  start DATETIME NOT NULL COMMENT 'UTC, by the switch''s clock, whole seconds; the leg was made',
  answer DATETIME NULL COMMENT 'UTC, whole seconds; the leg was answered; 1970-01-01 for never',
  end DATETIME NOT NULL COMMENT 'UTC, whole seconds; the leg ended',
  duration DECIMAL(20,6) NOT NULL DEFAULT 0 COMMENT 'Seconds from start to end',
  billsec DECIMAL(20,6) NOT NULL DEFAULT 0 COMMENT 'Seconds from answer to end; 0 for never answered',
  disposition VARCHAR(45) NOT NULL DEFAULT '' COMMENT 'ANSWERED, NO ANSWER, BUSY, FAILED or CONGESTION',
  PRIMARY KEY (switchcdr_id),
  KEY call_records (linkedid),
  KEY records (start)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='Asterisk''s own call records, one a leg, as its cdr_adaptive_odbc writes them; rows may be pruned by start'
