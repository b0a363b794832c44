-- The sweeper: the reservation is over and nobody knows whether it was paid. Gives the stock back;
-- the order stays `processing`, its payment open. One statement; the key's phase guards it against
-- T2, which locks the same row first: whoever comes second finds another phase and does nothing.
--
-- The lease lasts beyond every charge that may be under way, so that whoever asks the provider
-- next learns what became of it.
--
-- $1 order · $2 lease token · $3 lease until
-- $4 uuid[] two events a product, for what becomes of its class of stock · $5 traceparent · $6 now
with swept as (
    update idempotency_keys
    set phase = 'expired', lease_token = $2, lease_until = greatest(lease_until, $3),
        retry_at = null
    where order_id = $1 and phase = 'charging'
    returning order_id
),
stock as materialized (
    select inventory.product_id, inventory.available as was, reservations.quantity,
           inventory.available + reservations.quantity as becomes
    from swept
    join reservations on reservations.order_id = swept.order_id and reservations.status = 'held'
    join inventory on inventory.product_id = reservations.product_id
    order by inventory.product_id
    for no key update of inventory
),
moved as (
    update inventory
    set reserved = inventory.reserved - stock.quantity,
        available = stock.becomes
    from stock where inventory.product_id = stock.product_id
),
closed as (
    update reservations set status = 'expired'
    from swept where reservations.order_id = swept.order_id and reservations.status = 'held'
),
crossed as (
    select product_id, was, becomes, 2 * row_number() over (order by product_id) as event from stock
),
stock_told as (
    select tell_of_stock(product_id, was, becomes, ($4::uuid[])[event - 1], ($4::uuid[])[event],
                         $5, $6)
    from crossed where stock_class(was) <> stock_class(becomes)
)
select exists (select 1 from swept) as swept,
       -- What nobody reads is not run.
       (select count(*) from stock_told) as stock_told
