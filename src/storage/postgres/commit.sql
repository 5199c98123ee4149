with asked as (
    select item, user_id, revision, actor, request_id, at
    from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::timestamptz[])
         with ordinality as a (user_id, revision, actor, request_id, at, item)
), raised as (
    insert into user_revision (user_id, revision)
    select user_id, revision + 1 from asked order by user_id
    on conflict (user_id) do update set revision = excluded.revision
    where user_revision.revision = excluded.revision - 1
    returning user_id, revision
), moved as (
    select item, user_id, raised.revision, actor, request_id, at from raised join asked using (user_id)
), attributes as (
    insert into attribute (user_id, name, template, label, group_name, value_type, priority, manual, owner,
                           owned_since, active, pinned, generation)
    select user_id, name, template, label, group_name, value_type, priority, manual, owner,
           owned_since, active, pinned, generation
    from moved join jsonb_to_recordset($6) as r (
        item bigint, name text, template text, label text, group_name text, value_type integer, priority integer,
        manual boolean, owner text, owned_since timestamptz, active boolean, pinned boolean, generation bigint)
        using (item)
    on conflict (user_id, name) do update set
        manual = excluded.manual, owner = excluded.owner, owned_since = excluded.owned_since,
        active = excluded.active, pinned = excluded.pinned, generation = excluded.generation
), offers as (
    insert into offer (user_id, attribute, service, offered, declined, manual, last_owned, rank)
    select user_id, attribute, service, offered, declined, manual, last_owned, rank
    from moved join jsonb_to_recordset($7) as r (
        item bigint, attribute text, service text, offered boolean, declined boolean, manual boolean,
        last_owned bigint, rank integer)
        using (item)
    on conflict (user_id, attribute, service) do update set
        offered = excluded.offered, declined = excluded.declined, manual = excluded.manual,
        last_owned = excluded.last_owned, rank = excluded.rank
), events as (
    insert into event (user_id, revision, number, attribute, from_owner, to_owner, generation, active, manual,
                       pinned, cause, actor, request_id, at)
    select user_id, revision, number, attribute, from_owner, to_owner, generation, active, manual,
           pinned, cause, actor, request_id, at
    from moved join jsonb_to_recordset($8) as r (
        item bigint, number integer, attribute text, from_owner text, to_owner text, generation bigint,
        active boolean, manual boolean, pinned boolean, cause text)
        using (item)
), forgotten as (
    delete from offer using moved, jsonb_to_recordset($9) as r (item bigint, attribute text, service text)
    where moved.item = r.item
      and offer.user_id = moved.user_id and offer.attribute = r.attribute and offer.service = r.service
), connections as (
    insert into connection (user_id, service, scopes, since)
    select user_id, service, scopes, since
    from moved join jsonb_to_recordset($10) as r (item bigint, service text, scopes text, since timestamptz)
        using (item)
    on conflict (user_id, service) do update set scopes = excluded.scopes
), disconnected as (
    delete from connection using moved, jsonb_to_recordset($11) as r (item bigint, service text)
    where moved.item = r.item and connection.user_id = moved.user_id and connection.service = r.service
), revoked as (
    update token set revoked_at = moved.at from moved, jsonb_to_recordset($11) as r (item bigint, service text)
    where moved.item = r.item and token.user_id = moved.user_id and token.service = r.service
      and token.revoked_at is null
), tokens as (
    insert into token (hash, user_id, service, scopes, issued_at, expires_at)
    select decode(hash, 'hex'), user_id, service, scopes, issued_at, expires_at
    from moved join jsonb_to_recordset($12) as r (
        item bigint, hash text, service text, scopes text, issued_at timestamptz, expires_at timestamptz)
        using (item)
)
