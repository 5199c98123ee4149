insert into stored (user_id, attribute, day, value, generation) values ($1, $2, $3, $4, $5)
on conflict (user_id, attribute, day) do update set value = excluded.value, generation = excluded.generation
