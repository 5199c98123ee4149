delete from idempotency_record where user_id = $1 and expires_at <= $2
