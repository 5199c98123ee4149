, withdrawals as (
    insert into withdrawal (user_id, service, disconnected_at, narrowed_at)
    select user_id, service, disconnected_at, narrowed_at
    from moved join jsonb_to_recordset($14) as r (
        item bigint, service text, disconnected_at timestamptz, narrowed_at timestamptz)
        using (item)
    on conflict (user_id, service) do update set
        disconnected_at = excluded.disconnected_at, narrowed_at = excluded.narrowed_at
)
