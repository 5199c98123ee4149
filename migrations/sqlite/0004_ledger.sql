-- The place of an event in the feed of all users: one up for each change, then user, revision and number. Commits come
-- one after the other, so what is visible is complete.
alter table event add column position integer not null default 0;

update event set position = 1;

create index event_by_position on event (position);

-- A program of the version before, still running, does not tell the place of what it writes.
create trigger event_position after insert on event for each row when new.position = 0
begin
    update event set position = (select max(position) + 1 from event)
    where user_id = new.user_id and revision = new.revision and number = new.number;
end;

-- Every event of the user after this revision is there; of those before, the last of each attribute.
alter table user_revision add column complete_after integer not null default 0;

-- One row: the place in the feed up to which old events have been pruned.
create table ledger_start (
    id       integer primary key check (id = 1),
    position integer not null,
    user_id  text    not null,
    revision integer not null,
    number   integer not null
) strict, without rowid;

insert into ledger_start (id, position, user_id, revision, number) values (1, 0, '', 0, 0);

-- Tokens of internal services, which act for no user.
create table internal_token (
    hash       blob    primary key,
    name       text    not null,
    role       text    not null check (role in ('reader', 'writer', 'operator')),
    issued_at  integer not null,
    expires_at integer not null,
    revoked_at integer
) strict, without rowid;
