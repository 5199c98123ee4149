-- An instance of the version before goes on working beside all of this.
set local lock_timeout = '5s';

-- Answers that are kept for requests that may be sent again.
create table idempotency_record (
    user_id     text        collate "C" not null,
    service     text        collate "C" not null,
    key         text        collate "C" not null,
    fingerprint bytea       not null,
    answer      bytea       not null,
    expires_at  timestamptz not null,
    primary key (user_id, service, key)
);

-- Forgetting those that have expired.
create index idempotency_record_by_expiry on idempotency_record (expires_at);
