insert into connection (user_id, service, scopes, since)
select $1, value->>'service', value->>'scopes', value->>'since' from json_each($2) where true
on conflict (user_id, service) do update set scopes = excluded.scopes
