-- T1: claim the key, reserve the stock, write the order, its items, its payment attempt and its
-- event. One statement, so one round trip and one snapshot; nothing is written unless the verdict
-- is `accepted` and the key was free.
--
-- Stock rows are locked in the order of their ids, so that two orders can't wait for each other.
-- The lock is taken before the key: two requests with one key and one body meet at the stock, and
-- the second finds the key taken.
--
-- $1 uuid[] products · $2 text[] the same as clients see them · $3 int[] quantities
-- $4 account · $5 mode · $6 key · $7 fingerprint · $8 request id
-- $9 expected amount · $10 expected currency, both null if nothing is expected
-- $11 order · $12 order as clients see it · $13 payment · $14 payment as clients see it
-- $15 payment method · $16 provider key · $17 reference
-- $18 shipping address · $19 note · $20 event · $21 traceparent
-- $22 now · $23 now as clients see it · $24 lease token · $25 lease until · $26 reserved until
-- $27 the client's path
-- $28 uuid[] two events a product, for what becomes of its class of stock
-- $29 the revision of the converters, null where none is needed
with wanted as (
    select * from unnest($1::uuid[], $2::text[], $3::int[])
        as wanted (product_id, shown_id, quantity)
),
known as (
    select 1 from idempotency_keys where account = $4 and mode = $5 and key = $6
),
stock as materialized (
    select product_id, available from inventory
    where product_id = any ($1::uuid[]) and not exists (select 1 from known)
    order by product_id
    for no key update
),
lines as materialized (
    select wanted.product_id, wanted.shown_id, wanted.quantity,
           coalesce(products.sku, '') as sku, coalesce(products.name, '') as name,
           coalesce(products.price_amount, 0) as unit_amount,
           coalesce(products.currency, '') as currency,
           coalesce(products.active, false) and stock.product_id is not null as sold,
           coalesce(stock.available, 0) as available
    from wanted
    left join products on products.id = wanted.product_id
    left join stock on stock.product_id = wanted.product_id
),
verdict as materialized (
    select case
               when exists (select 1 from known) then 'known'
               when not bool_and(sold) then 'product_unavailable'
               when not bool_and(available >= quantity) then 'out_of_stock'
               when sum(unit_amount * quantity) <> $9::bigint
                    or not bool_and(currency = $10::text) or min(currency) <> max(currency)
                   then 'price_changed'
               else 'accepted'
           end as verdict,
           sum(unit_amount * quantity)::bigint as total, min(currency) as currency
    from lines
),
claim as (
    insert into idempotency_keys (account, mode, key, fingerprint, phase, order_id, request_id,
                                  lease_token, lease_until, created_at, path, traceparent,
                                  converter)
    select $4, $5, $6, $7, 'charging', $11, $8, $24, $25, $22, $27, $21, $29
    from verdict where verdict = 'accepted'
    on conflict do nothing
    returning order_id
),
reserved as (
    update inventory
    set available = inventory.available - lines.quantity,
        reserved = inventory.reserved + lines.quantity
    from lines, claim
    where inventory.product_id = lines.product_id
),
ordered as (
    insert into orders (id, status, customer_id, mode, total_amount, currency, shipping_address,
                        note, created_at, updated_at)
    select order_id, 'processing', $4, $5, total, currency, $18, $19, $22, $22 from claim, verdict
),
itemised as (
    insert into order_items (order_id, product_id, sku, name, quantity, unit_amount, currency)
    select order_id, product_id, sku, name, quantity, unit_amount, currency from lines, claim
),
held as (
    insert into reservations (order_id, product_id, quantity, expires_at)
    select order_id, product_id, quantity, $26 from lines, claim
),
attempted as (
    insert into payments (id, order_id, attempt, status, method, amount, currency, provider_key,
                          reference, created_at, updated_at)
    select $13, order_id, 1, 'processing', $15, total, currency, $16, $17, $22, $22
    from claim, verdict
),
told as (
    insert into outbox (id, type, aggregate_id, payload, traceparent, created_at)
    select $20, 'order.created', order_id,
           jsonb_build_object(
               'object', 'order', 'id', $12::text, 'status', 'processing',
               'customer_id', $4::text,
               'items', (select jsonb_agg(jsonb_build_object(
                       'product_id', shown_id, 'sku', sku, 'name', name, 'quantity', quantity,
                       'unit_price',
                       jsonb_build_object('amount', unit_amount, 'currency', currency),
                       'line_total',
                       jsonb_build_object('amount', unit_amount * quantity, 'currency', currency))
                   order by product_id) from lines),
               'total', jsonb_build_object('amount', verdict.total, 'currency', verdict.currency),
               'payment', jsonb_build_object('id', $14::text, 'status', 'processing',
                   'method', $15::text, 'decline_code', null),
               'shipping_address', $18::jsonb, 'note', $19::text, 'version', 1,
               'created_at', $23::text, 'updated_at', $23::text),
           $21, $22
    from claim, verdict
),
moved as (
    select lines.product_id, lines.available as was, lines.available - lines.quantity as becomes,
           2 * row_number() over (order by lines.product_id) as event
    from lines, claim
),
stock_told as (
    select tell_of_stock(product_id, was, becomes, ($28::uuid[])[event - 1], ($28::uuid[])[event],
                         $21, $22)
    from moved where stock_class(was) <> stock_class(becomes)
)
select verdict.verdict, verdict.total, verdict.currency as total_currency, exists (select 1 from claim) as claimed,
       lines.product_id, lines.sku, lines.name, lines.unit_amount, lines.currency, lines.quantity,
       lines.sold, lines.available,
       -- What nobody reads is not run.
       (select count(*) from stock_told) as stock_told
from verdict, lines
order by lines.product_id
