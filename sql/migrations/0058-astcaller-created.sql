ALTER TABLE astcaller
  ADD KEY created (created_at)
