ALTER TABLE astcdr
  ADD COLUMN dialog BINARY(16) NULL COMMENT 'MD5 of the INVITE that the call came by, as the dialplan told it; NULL where it told none, and where nobody answered: such an INVITE may come again',
  ADD KEY dialogs (dialog)
