select count(*) from stored where user_id = $1 and attribute = $2 and day <= $3
