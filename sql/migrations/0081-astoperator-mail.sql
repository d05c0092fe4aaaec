ALTER TABLE astoperator
  ADD COLUMN mail VARCHAR(254) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'Address to which invitations and new passwords are sent; NULL for none' AFTER accountcode
