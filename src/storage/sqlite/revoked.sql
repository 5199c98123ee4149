update token set revoked_at = $3
where user_id = $1 and service in (select value->>'service' from json_each($2)) and revoked_at is null
