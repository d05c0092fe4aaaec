INSERT IGNORE INTO astbooks (only_row, books_id) VALUES (1, UUID())
