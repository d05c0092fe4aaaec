ALTER TABLE astpintry
  MODIFY COLUMN who VARCHAR(100) NOT NULL COMMENT 'caller:<number>, or all for every caller together; actor:<actor> of the API, or actors for all of them'
