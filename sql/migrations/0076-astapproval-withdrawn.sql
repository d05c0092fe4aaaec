ALTER TABLE astapproval
  MODIFY COLUMN state VARCHAR(10) NOT NULL DEFAULT 'open' COMMENT 'open, approved, refused or withdrawn; an open one has expired at expires_at',
  MODIFY COLUMN decided_by VARCHAR(100) NULL COMMENT 'The actor that approved, refused or withdrew it; NULL while it is open',
  ADD KEY waiting (requested_by, state)
