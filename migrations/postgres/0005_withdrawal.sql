-- An instance of the version before goes on working beside all of this.
set local lock_timeout = '5s';

-- When a service last lost all, or some, of what a user had granted it; it may be connected again since.
create table withdrawal (
    user_id         text        collate "C" not null,
    service         text        collate "C" not null,
    disconnected_at timestamptz,
    narrowed_at     timestamptz,
    primary key (user_id, service)
);

-- Tokens of outside authorization servers that are refused before their time. Whose they are is not known.
create table revoked_token (
    hash       bytea       primary key,
    revoked_at timestamptz not null,
    expires_at timestamptz not null
);

-- Forgetting those that have expired.
create index revoked_token_by_expiry on revoked_token (expires_at);
