with moved as (
    update ledger_start set position = $5, user_id = $6, revision = $7, number = $8
    where id = 1 and position = $1 and user_id = $2 and revision = $3 and number = $4
    returning id
), passed as (
    select r.* from moved, jsonb_to_recordset($9) as r (user_id text, attribute text, revision bigint, number integer)
), deleted as (
    delete from event using passed
    where event.user_id = passed.user_id and event.attribute = passed.attribute
      and (event.revision, event.number) < (passed.revision, passed.number)
    returning event.user_id, passed.revision
), told as (
    update user_revision set complete_after = greatest(complete_after, upto)
    from (select user_id, max(revision) as upto from deleted group by user_id order by user_id) as deleted
    where user_revision.user_id = deleted.user_id
)
select id from moved
