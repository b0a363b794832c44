-- What the shop keeps of one request, each as (at, what, facts), by the request's id or its trace.
-- $1 request id, or null · $2 like-pattern of its trace · $3, $4 between when it can have made events
-- No body, address, token or payload: ids, states and times.
with keys as (
    -- Apart, since together they could use no index.
    select * from idempotency_keys where request_id = $1
    union all
    select * from idempotency_keys where $1 is null and traceparent like $2
), traces as (
    select $2::text as pattern
    union
    -- A client may send one trace with many requests, but each has its own span within it, if anybody keeps spans.
    select '00-' || split_part(traceparent, '-', 2) || '-'
        || case when $1 is null then '' else split_part(traceparent, '-', 3) || '-' end || '%'
    from keys where traceparent is not null
), made as (
    select distinct order_id as id from keys where order_id is not null
), touched as (
    -- What an order's request can have written events of, beside the order.
    select product_id as id from order_items where order_id in (select id from made)
), events as (
    select id, type, coalesce(payload ->> 'id', aggregate_id::text) as aggregate, created_at
    from outbox
    where id >= time_uuid($3) and id < time_uuid($4)
        and (aggregate_id in (select id from made)
            or ($1 is null or not exists (select from made)
                or aggregate_id in (select id from touched))
            and exists (select from traces where outbox.traceparent like traces.pattern))
), told as (
select created_at as at, 'key_claimed' as what,
    jsonb_build_object('request_id', request_id, 'account', account, 'mode', mode, 'key', key,
        'kind', kind, 'path', path, 'trace_id', split_part(traceparent, '-', 2)) as facts
from keys
union all
select completed_at, 'answer_kept',
    jsonb_build_object('status', status, 'phase', phase, 'tries', tries)
from keys where completed_at is not null
union all
select lease_until, 'key_open', jsonb_build_object('phase', phase, 'tries', tries,
    'retry_at', retry_at)
from keys where completed_at is null
union all
select created_at, 'order_placed', jsonb_build_object('order', id, 'status', status)
from orders where id in (select id from made)
union all
select created_at, 'payment_attempt',
    jsonb_build_object('payment', id, 'attempt', attempt, 'reference', reference)
from payments where order_id in (select id from made)
union all
select updated_at, 'payment_settled',
    jsonb_build_object('payment', id, 'status', status, 'charge', charge_id,
        'decline_code', decline_code)
from payments where order_id in (select id from made) and status <> 'processing'
union all
select refunds.updated_at, 'refund',
    jsonb_build_object('refund', refunds.id, 'payment', payment_id, 'status', refunds.status)
from refunds join payments on payments.id = payment_id where order_id in (select id from made)
union all
select created_at, 'event_written',
    jsonb_build_object('event', id, 'type', type, 'aggregate', aggregate)
from events
union all
select done_at, 'consumer_done',
    jsonb_build_object('consumer', consumer, 'event', event_id, 'type', type)
from inbox join events on events.id = event_id
union all
select retry_at, 'consumer_waits',
    jsonb_build_object('consumer', consumer, 'event', event_id, 'type', events.type,
        'attempts', attempts, 'error', last_error)
from deliveries join events on events.id = event_id where not dead
union all
select died_at, 'dead_letter',
    jsonb_build_object('letter', dead_letters.id, 'consumer', consumer, 'event', event_id,
        'reason', reason, 'error', error, 'status', status)
from dead_letters join events on events.id = event_id
union all
select began_at, 'webhook_tried',
    jsonb_build_object('webhook', webhook_id, 'event', event_id, 'try', number,
        'status', status, 'took_ms', took_ms, 'error', error)
from webhook_attempts join events on events.id = event_id
)
-- Of one moment, what caused comes before what followed.
select at, what, facts from told order by at, array_position(array['key_claimed', 'order_placed',
    'payment_attempt', 'payment_settled', 'answer_kept', 'event_written'], what) nulls last, what
