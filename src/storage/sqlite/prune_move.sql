update ledger_start set position = $5, user_id = $6, revision = $7, number = $8
where id = 1 and position = $1 and user_id = $2 and revision = $3 and number = $4
