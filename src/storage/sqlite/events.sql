insert into event (user_id, revision, number, attribute, from_owner, to_owner, generation, active, manual,
                   pinned, cause, actor, request_id, at, position)
select $1, $3, value->>'number', value->>'attribute', value->>'from_owner', value->>'to_owner',
       value->>'generation', value->>'active', value->>'manual', value->>'pinned', value->>'cause', $4, $5, $6,
       (select coalesce(max(position), 0) + 1 from event)
from json_each($2)
