with moved as (
    insert into user_revision (user_id, revision) values ($1, $2::bigint + 1)
    on conflict (user_id) do update set revision = excluded.revision where user_revision.revision = $2
    returning user_id, revision
), attributes as (
    insert into attribute (user_id, name, template, label, group_name, value_type, priority, manual, owner,
                           owned_since, active, pinned, generation)
    select user_id, name, template, label, group_name, value_type, priority, manual, owner,
           owned_since, active, pinned, generation
    from moved, jsonb_to_recordset($3) as r (
        name text, template text, label text, group_name text, value_type integer, priority integer,
        manual boolean, owner text, owned_since timestamptz, active boolean, pinned boolean, generation bigint)
    on conflict (user_id, name) do update set
        manual = excluded.manual, owner = excluded.owner, owned_since = excluded.owned_since,
        active = excluded.active, pinned = excluded.pinned, generation = excluded.generation
), offers as (
    insert into offer (user_id, attribute, service, offered, declined, manual, last_owned, rank)
    select user_id, attribute, service, offered, declined, manual, last_owned, rank
    from moved, jsonb_to_recordset($4) as r (
        attribute text, service text, offered boolean, declined boolean, manual boolean, last_owned bigint,
        rank integer)
    on conflict (user_id, attribute, service) do update set
        offered = excluded.offered, declined = excluded.declined, manual = excluded.manual,
        last_owned = excluded.last_owned, rank = excluded.rank
), events as (
    insert into event (user_id, revision, number, attribute, from_owner, to_owner, generation, active, manual,
                       pinned, cause, actor, request_id, at)
    select user_id, revision, number, attribute, from_owner, to_owner, generation, active, manual,
           pinned, cause, $6, $7, $8
    from moved, jsonb_to_recordset($5) as r (
        number integer, attribute text, from_owner text, to_owner text, generation bigint, active boolean,
        manual boolean, pinned boolean, cause text)
), forgotten as (
    delete from offer using moved, jsonb_to_recordset($9) as r (attribute text, service text)
    where offer.user_id = moved.user_id and offer.attribute = r.attribute and offer.service = r.service
), connections as (
    insert into connection (user_id, service, scopes, since)
    select user_id, service, scopes, since
    from moved, jsonb_to_recordset($10) as r (service text, scopes text, since timestamptz)
    on conflict (user_id, service) do update set scopes = excluded.scopes
), disconnected as (
    delete from connection using moved, jsonb_array_elements_text($11) as r (service)
    where connection.user_id = moved.user_id and connection.service = r.service
), revoked as (
    update token set revoked_at = $8 from moved, jsonb_array_elements_text($11) as r (service)
    where token.user_id = moved.user_id and token.service = r.service and token.revoked_at is null
), tokens as (
    insert into token (hash, user_id, service, scopes, issued_at, expires_at)
    select decode(hash, 'hex'), user_id, service, scopes, issued_at, expires_at
    from moved, jsonb_to_recordset($12) as r (
        hash text, service text, scopes text, issued_at timestamptz, expires_at timestamptz)
)
select count(*) from moved
