CREATE TABLE astholiday (
  calendar VARCHAR(40) NOT NULL COMMENT 'Name of the calendar; it is there while it has a day',
  day DATE NOT NULL COMMENT 'A day on the wall',
  name VARCHAR(100) NOT NULL COMMENT 'Name of the holiday, for people',
  PRIMARY KEY (calendar, day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}} COMMENT='Holidays of calendars, which schedules name'
