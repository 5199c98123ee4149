delete from connection where user_id = $1 and service in (select value->>'service' from json_each($2))
