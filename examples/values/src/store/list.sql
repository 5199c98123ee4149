select day, value from stored where user_id = $1 and attribute = $2 and day <= $3
order by day desc limit $4 offset $5
