UPDATE astledger l
JOIN (SELECT entry_id, ROW_NUMBER() OVER (PARTITION BY accountcode ORDER BY entry_id) AS place FROM astledger) AS places
  ON places.entry_id = l.entry_id
SET l.entry_number = places.place
