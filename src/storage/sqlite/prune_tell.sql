update user_revision set complete_after = max(complete_after, deleted.upto)
from (
    select passed.value->>'user_id' as user_id, max(passed.value->>'revision') as upto
    from json_each($1) as passed
    where exists (
        select 1 from event
        where event.user_id = passed.value->>'user_id' and event.attribute = passed.value->>'attribute'
          and (event.revision, event.number) < (passed.value->>'revision', passed.value->>'number'))
    group by 1
) as deleted
where user_revision.user_id = deleted.user_id
