, records as (
    insert into idempotency_record (user_id, service, key, fingerprint, answer, expires_at)
    select user_id, service, key, decode(fingerprint, 'hex'), decode(answer, 'hex'), expires_at
    from moved join jsonb_to_recordset($13) as r (
        item bigint, service text, key text, fingerprint text, answer text, expires_at timestamptz)
        using (item)
    on conflict (user_id, service, key) do update set
        fingerprint = excluded.fingerprint, answer = excluded.answer, expires_at = excluded.expires_at
)
