ALTER TABLE astcard
  ADD KEY batch_status (batch, status)
