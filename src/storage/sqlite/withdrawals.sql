insert into withdrawal (user_id, service, disconnected_at, narrowed_at)
select $1, value->>'service', value->>'disconnected_at', value->>'narrowed_at' from json_each($2) where true
on conflict (user_id, service) do update set
    disconnected_at = excluded.disconnected_at, narrowed_at = excluded.narrowed_at
