ALTER TABLE astrate
  ADD COLUMN schedule VARCHAR(40) NOT NULL DEFAULT '' COMMENT 'astschedule.schedule by which the line counts; empty where it counts while none of its prefix holds'
