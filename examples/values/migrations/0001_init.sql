-- The same on PostgreSQL and SQLite.

-- Of each attribute the latest generation that anything was written under: its fence. It has a row of its own, because
-- a generation beside each day would let a stale write through to the days that nobody has written since.
create table fence (
    user_id     text    not null,
    attribute   text    not null,
    generation  bigint  not null,
    primary key (user_id, attribute)
);

-- A value of a day, as JSON, and the generation that it was written under.
create table stored (
    user_id     text    not null,
    attribute   text    not null,
    day         text    not null,
    value       text    not null,
    generation  bigint  not null,
    primary key (user_id, attribute, day)
);
