ALTER TABLE astaccount
  ADD KEY listed (kind, status, closed_at),
  ADD KEY expiring (expires_at),
  ADD KEY of_deck (deck)
