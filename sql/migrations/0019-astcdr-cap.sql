ALTER TABLE astcdr
  MODIFY COLUMN max_cost DECIMAL(20,6) NOT NULL DEFAULT 0 COMMENT 'What is ring-fenced for the call, the cost of granted_seconds; of an ended call what last was',
  MODIFY COLUMN granted_seconds INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Longest talk that is granted, slices added up; seconds, 0 while the call waits for room in its pool',
  ADD COLUMN cap_seconds INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Longest talk that service, account and rate allow however much money there is; seconds'
