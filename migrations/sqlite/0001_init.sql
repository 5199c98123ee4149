-- Times are microseconds since 1970-01-01 UTC, booleans 0 or 1. Text is compared byte by byte.
-- The user's id comes first in every key of a table with a user's data, and no foreign key crosses users. The one
-- exception is a token, which is all that a request has to go by: it is found by its hash.

create table user_revision (
    user_id     text    primary key,
    revision    integer not null check (revision > 0)
) strict, without rowid;

create table attribute (
    user_id     text    not null,
    name        text    not null,
    template    text,
    label       text    not null,
    group_name  text    not null,
    value_type  integer not null check (value_type between 0 and 8),
    priority    integer not null check (priority >= 0),
    manual      integer not null,
    owner       text,
    owned_since integer,
    active      integer not null,
    pinned      integer not null,
    generation  integer not null check (generation >= 0),
    primary key (user_id, name),
    check ((owner is null) = (owned_since is null)),
    check (owner is not null or not (active or pinned)),
    check (owner is null or generation > 0)
) strict, without rowid;

create table connection (
    user_id     text    not null,
    service     text    not null,
    scopes      text    not null,
    since       integer not null,
    primary key (user_id, service)
) strict, without rowid;

create table offer (
    user_id     text    not null,
    attribute   text    not null,
    service     text    not null,
    offered     integer not null,
    declined    integer not null,
    manual      integer,
    last_owned  integer,
    rank        integer check (rank > 0),
    primary key (user_id, attribute, service)
) strict, without rowid;

create table event (
    user_id     text    not null,
    revision    integer not null,
    number      integer not null,
    attribute   text    not null,
    from_owner  text,
    to_owner    text,
    generation  integer not null,
    active      integer not null,
    manual      integer not null,
    pinned      integer not null,
    cause       text    not null,
    actor       text    not null,
    request_id  text    not null,
    at          integer not null,
    primary key (user_id, revision, number)
) strict, without rowid;

create table token (
    hash        blob    primary key,
    user_id     text    not null,
    service     text,
    scopes      text    not null,
    issued_at   integer not null,
    expires_at  integer not null,
    revoked_at integer
) strict, without rowid;

-- Listing a user's tokens, and ending those of a service that the user disconnects.
create index token_of_user on token (user_id, service);

-- The operator's entries; those that Tenure comes with are in the program. `definition` is JSON.
create table catalog_entry (
    kind        text    not null check (kind in ('group', 'template', 'service')),
    name        text    not null,
    definition  text    not null,
    primary key (kind, name)
) strict, without rowid;

-- One row: how often the catalog has changed.
create table catalog_version (
    id          integer primary key check (id = 1),
    version     integer not null
) strict, without rowid;

insert into catalog_version (id, version) values (1, 0);
