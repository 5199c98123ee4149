-- No row changes if a later generation is stored. On PostgreSQL it waits for whoever holds the row, and compares what it
-- then finds.
insert into fence (user_id, attribute, generation) values ($1, $2, $3)
on conflict (user_id, attribute) do update set generation = excluded.generation
where excluded.generation >= fence.generation
