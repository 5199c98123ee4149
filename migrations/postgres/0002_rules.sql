-- An instance of the version before goes on working beside all of this.
set local lock_timeout = '5s';

-- One row: the oldest version of the schema whose programs can work on this one.
create table schema_compatibility (
    id     integer primary key check (id = 1),
    oldest bigint  not null
);

insert into schema_compatibility (id, oldest) values (1, 1);

-- The fence never goes back, and no change of owner goes by without it. What it compares is in the condition, so that
-- an ordinary change calls no function.
create function refuse_generation() returns trigger language plpgsql as $$
begin
    raise exception 'attribute % of user %: generation % after % with owner % after %',
        new.name, new.user_id, new.generation, old.generation, new.owner, old.owner
        using errcode = 'check_violation';
end $$;

create trigger attribute_generation before update on attribute for each row
when (new.generation < old.generation
      or (new.owner is distinct from old.owner and new.generation = old.generation))
execute function refuse_generation();

-- Services that are no longer in the catalog and whose connections are being ended, user by user.
create table removal (
    service       text        collate "C" primary key,
    requested_at  timestamptz not null,
    pass_began_at timestamptz not null,
    -- The pass has come so far; empty at its beginning.
    after_user    text        collate "C" not null,
    -- Whether this pass has found anybody.
    found         boolean     not null
);

-- Finding whom to disconnect from a removed service.
create index connection_of_service on connection (service, user_id);

-- Forgetting tokens that have expired.
create index token_by_expiry on token (expires_at);
