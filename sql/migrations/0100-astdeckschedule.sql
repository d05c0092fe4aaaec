CREATE TABLE astdeckschedule (
  version BIGINT UNSIGNED NOT NULL COMMENT 'astratedeckversion.version',
  schedule VARCHAR(40) NOT NULL COMMENT 'A schedule that a line of this version names: it cannot be removed',
  PRIMARY KEY (version, schedule),
  CONSTRAINT astdeckschedule_schedule FOREIGN KEY (schedule) REFERENCES astschedule (schedule)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}} COMMENT='Which schedules the versions of rate decks name'
