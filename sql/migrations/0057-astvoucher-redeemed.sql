ALTER TABLE astvoucher
  ADD KEY redeemed (redeemed_at)
