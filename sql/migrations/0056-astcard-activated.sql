ALTER TABLE astcard
  ADD KEY activated (activated_at)
