insert into user_revision (user_id, revision) values ($1, $2 + 1)
on conflict (user_id) do update set revision = excluded.revision where user_revision.revision = $2
