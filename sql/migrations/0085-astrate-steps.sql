ALTER TABLE astrate
  ADD COLUMN free_seconds INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'The first seconds of the talk, which are not billed; 0 for none',
  ADD COLUMN steps VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'Other prices from a second of the talk on: 180:0.05/6 600:0.02/1 is 0.05 a minute by 6 s from second 180 on, and 0.02 by the second from 600 on; empty for none'
