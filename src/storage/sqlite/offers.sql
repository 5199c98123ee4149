insert into offer (user_id, attribute, service, offered, declined, manual, last_owned, rank)
select $1, value->>'attribute', value->>'service', value->>'offered', value->>'declined', value->>'manual',
       value->>'last_owned', value->>'rank'
from json_each($2) where true
on conflict (user_id, attribute, service) do update set
    offered = excluded.offered, declined = excluded.declined, manual = excluded.manual,
    last_owned = excluded.last_owned, rank = excluded.rank
