insert into event (user_id, revision, number, attribute, from_owner, to_owner, generation, active, manual,
                   pinned, cause, actor, request_id, at)
select $1, $3, value->>'number', value->>'attribute', value->>'from_owner', value->>'to_owner',
       value->>'generation', value->>'active', value->>'manual', value->>'pinned', value->>'cause', $4, $5, $6
from json_each($2)
