ALTER TABLE astaudit
  ADD COLUMN address VARCHAR(45) NULL COMMENT 'Where the request came from over HTTP; NULL on the command line' AFTER actor
