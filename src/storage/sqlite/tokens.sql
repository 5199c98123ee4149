insert into token (hash, user_id, service, scopes, issued_at, expires_at)
select unhex(value->>'hash'), $1, value->>'service', value->>'scopes', value->>'issued_at', value->>'expires_at'
from json_each($2)
