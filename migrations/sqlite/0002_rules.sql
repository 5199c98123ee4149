-- One row: the oldest version of the schema whose programs can work on this one.
create table schema_compatibility (
    id     integer primary key check (id = 1),
    oldest integer not null
) strict, without rowid;

insert into schema_compatibility (id, oldest) values (1, 1);

-- The fence never goes back, and no change of owner goes by without it.
create trigger attribute_generation before update on attribute for each row
when new.generation < old.generation
     or (new.owner is not old.owner and new.generation = old.generation)
begin
    select raise(abort, 'the generation of an attribute must rise with each change of its owner, and never fall');
end;

-- Services that are no longer in the catalog and whose connections are being ended, user by user.
create table removal (
    service       text    primary key,
    requested_at  integer not null,
    pass_began_at integer not null,
    -- The pass has come so far; empty at its beginning.
    after_user    text    not null,
    -- Whether this pass has found anybody.
    found         integer not null
) strict, without rowid;

-- Finding whom to disconnect from a removed service.
create index connection_of_service on connection (service, user_id);

-- Forgetting tokens that have expired.
create index token_by_expiry on token (expires_at);
