ALTER TABLE astratedeckversion
  ADD COLUMN keeps_of BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'astratedeckversion.version that was current and that some of its prices are from (astrate.line from 1000000000 on); 0 if all are from its file'
