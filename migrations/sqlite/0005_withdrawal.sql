-- When a service last lost all, or some, of what a user had granted it; it may be connected again since.
create table withdrawal (
    user_id         text    not null,
    service         text    not null,
    disconnected_at integer,
    narrowed_at     integer,
    primary key (user_id, service)
) strict, without rowid;

-- Tokens of outside authorization servers that are refused before their time. Whose they are is not known.
create table revoked_token (
    hash       blob    primary key,
    revoked_at integer not null,
    expires_at integer not null
) strict, without rowid;

-- Forgetting those that have expired.
create index revoked_token_by_expiry on revoked_token (expires_at);
