select fingerprint, status, body from idempotency_record
where user_id = $1 and service = $2 and key = $3 and expires_at > $4
