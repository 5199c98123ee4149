-- An instance of the version before goes on working beside all of this.
set local lock_timeout = '5s';

-- Every event of the user after this revision is there; of those before, the last of each attribute. This table comes
-- first because a commit locks it first: in another order the two would wait for each other.
alter table user_revision add column complete_after bigint not null default 0;

-- The place of an event in the feed of all users: the transaction that wrote it, then user, revision and number. What
-- is older than the oldest transaction that is running is complete, so nothing is passed over however long a
-- transaction takes to become visible. The default is evaluated once for the rows that are there.
alter table event add column if not exists position bigint not null default (pg_current_xact_id()::text::bigint);

create index if not exists event_by_position on event (position, user_id, revision, number);

-- One row: the place in the feed up to which old events have been pruned.
create table ledger_start (
    id       integer primary key check (id = 1),
    position bigint  not null,
    user_id  text    collate "C" not null,
    revision bigint  not null,
    number   integer not null
);

insert into ledger_start (id, position, user_id, revision, number) values (1, 0, '', 0, 0);

-- Tokens of internal services, which act for no user.
create table internal_token (
    hash       bytea       primary key,
    name       text        collate "C" not null,
    role       text        collate "C" not null check (role in ('reader', 'writer', 'operator')),
    issued_at  timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz
);
