delete from offer
where user_id = $1
  and (attribute, service) in (select value->>'attribute', value->>'service' from json_each($2))
