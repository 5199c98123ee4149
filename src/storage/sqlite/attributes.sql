insert into attribute (user_id, name, template, label, group_name, value_type, priority, manual, owner,
                       owned_since, active, pinned, generation)
select $1, value->>'name', value->>'template', value->>'label', value->>'group_name', value->>'value_type',
       value->>'priority', value->>'manual', value->>'owner', value->>'owned_since', value->>'active',
       value->>'pinned', value->>'generation'
from json_each($2) where true
on conflict (user_id, name) do update set
    manual = excluded.manual, owner = excluded.owner, owned_since = excluded.owned_since,
    active = excluded.active, pinned = excluded.pinned, generation = excluded.generation
