-- No row changes if the key has an answer. On PostgreSQL it waits for whoever is about to keep one.
insert into idempotency_record (user_id, service, key, fingerprint, status, body, expires_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (user_id, service, key) do nothing
