UPDATE astaccount a JOIN astcard c ON c.accountcode = a.accountcode
SET a.is_card_blocked = 1
WHERE a.status = 'blocked' AND c.status = 'blocked'
