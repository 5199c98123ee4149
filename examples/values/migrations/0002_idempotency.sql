-- Answers that are kept for requests that may be sent again.
create table idempotency_record (
    user_id     text    not null,
    service     text    not null,
    key         text    not null,
    -- What the request was, as a hash in hexadecimal digits: another may not have the same key.
    fingerprint text    not null,
    -- 200 or 202.
    status      text    not null,
    body        text    not null,
    -- From when on the request would be a new one, in seconds since 1970.
    expires_at  bigint  not null,
    primary key (user_id, service, key)
);

-- Forgetting those of a user that have expired.
create index idempotency_record_by_expiry on idempotency_record (user_id, expires_at);
