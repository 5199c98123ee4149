-- Answers that are kept for requests that may be sent again.
create table idempotency_record (
    user_id     text    not null,
    service     text    not null,
    key         text    not null,
    fingerprint blob    not null,
    answer      blob    not null,
    expires_at  integer not null,
    primary key (user_id, service, key)
) strict, without rowid;

-- Forgetting those that have expired.
create index idempotency_record_by_expiry on idempotency_record (expires_at);
