insert into idempotency_record (user_id, service, key, fingerprint, answer, expires_at)
select $1, value->>'service', value->>'key', unhex(value->>'fingerprint'), unhex(value->>'answer'), value->>'expires_at'
from json_each($2) where true
on conflict (user_id, service, key) do update set
    fingerprint = excluded.fingerprint, answer = excluded.answer, expires_at = excluded.expires_at
