CREATE TABLE astschedule (
  schedule VARCHAR(40) NOT NULL COMMENT 'Name, as price lists have it',
  hours VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Days and hours on the wall: Mo-Fr 08:00-20:00; Sa,Su,PH 00:00-24:00; PH is a holiday of the calendar',
  calendar VARCHAR(40) NOT NULL DEFAULT '' COMMENT 'astholiday.calendar whose days are PH and no weekday; empty for none',
  priority SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Of two schedules that hold at an instant the higher counts; of equal ones the first by name',
  PRIMARY KEY (schedule)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}} COMMENT='When lines of price lists count; an account''s time zone decides what the wall shows'
