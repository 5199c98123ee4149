-- Text is compared byte by byte, as in SQLite: identifiers that differ in case differ.
-- The user's id comes first in every key of a table with a user's data, and no foreign key crosses users. The one
-- exception is a token, which is all that a request has to go by: it is found by its hash.

create table user_revision (
    user_id  text   collate "C" primary key,
    revision bigint not null check (revision > 0)
);

create table attribute (
    user_id     text        collate "C" not null,
    name        text        collate "C" not null,
    template    text        collate "C",
    label       text        collate "C" not null,
    group_name  text        collate "C" not null,
    value_type  integer     not null check (value_type between 0 and 8),
    priority    integer     not null check (priority >= 0),
    manual      boolean     not null,
    owner       text        collate "C",
    owned_since timestamptz,
    active      boolean     not null,
    pinned      boolean     not null,
    generation  bigint      not null check (generation >= 0),
    primary key (user_id, name),
    check ((owner is null) = (owned_since is null)),
    check (owner is not null or not (active or pinned)),
    check (owner is null or generation > 0)
);

create table connection (
    user_id text        collate "C" not null,
    service text        collate "C" not null,
    scopes  text        collate "C" not null,
    since   timestamptz not null,
    primary key (user_id, service)
);

create table offer (
    user_id    text    collate "C" not null,
    attribute  text    collate "C" not null,
    service    text    collate "C" not null,
    offered    boolean not null,
    declined   boolean not null,
    manual     boolean,
    last_owned bigint,
    rank       integer check (rank > 0),
    primary key (user_id, attribute, service)
);

create table event (
    user_id    text        collate "C" not null,
    revision   bigint      not null,
    number     integer     not null,
    attribute  text        collate "C" not null,
    from_owner text        collate "C",
    to_owner   text        collate "C",
    generation bigint      not null,
    active     boolean     not null,
    manual     boolean     not null,
    pinned     boolean     not null,
    cause      text        collate "C" not null,
    actor      text        collate "C" not null,
    request_id text        collate "C" not null,
    at         timestamptz not null,
    primary key (user_id, revision, number)
);

create table token (
    hash       bytea       primary key,
    user_id    text        collate "C" not null,
    service    text        collate "C",
    scopes     text        collate "C" not null,
    issued_at  timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz
);

-- Listing a user's tokens, and ending those of a service that the user disconnects.
create index token_of_user on token (user_id, service);

-- The operator's entries; those that Tenure comes with are in the program. `definition` is JSON.
create table catalog_entry (
    kind       text collate "C" not null check (kind in ('group', 'template', 'service')),
    name       text collate "C" not null,
    definition text not null,
    primary key (kind, name)
);

-- One row: how often the catalog has changed.
create table catalog_version (
    id      integer primary key check (id = 1),
    version bigint  not null
);

insert into catalog_version (id, version) values (1, 0);
