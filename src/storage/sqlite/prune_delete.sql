delete from event where (user_id, revision, number) in (
    select event.user_id, event.revision, event.number
    from json_each($1) as passed
    join event on event.user_id = passed.value->>'user_id' and event.attribute = passed.value->>'attribute'
    where (event.revision, event.number) < (passed.value->>'revision', passed.value->>'number'))
