ALTER TABLE astvoucher
  ADD KEY batch_status (batch, status)
