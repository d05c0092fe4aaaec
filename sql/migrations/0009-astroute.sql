CREATE TABLE IF NOT EXISTS astroute (
  route_id INT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'Number of the route',
  prefix VARCHAR(32) NOT NULL COMMENT 'Digits that the dialled number begins with; only the routes of the longest prefix that fits are tried',
  priority INT UNSIGNED NOT NULL COMMENT 'The lowest is tried first',
  trunk VARCHAR(40) NOT NULL COMMENT 'asttrunk.trunk',
  PRIMARY KEY (route_id),
  UNIQUE KEY prefix_trunk (prefix, trunk),
  CONSTRAINT astroute_trunk FOREIGN KEY (trunk) REFERENCES asttrunk (trunk)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}}
  COMMENT='Which trunks carry which numbers, in which order'
