-- T2: the provider has answered. Settles payment, order and stock, writes the event, and keeps the
-- answer with the key. One statement; the key's phase guards it, so that it happens once, however
-- many workers come this far. Stock rows are again locked in the order of their ids.
--
-- A charge that was taken for a stray is on its way back, and pays for nothing.
--
-- $1 account · $2 mode · $3 key
-- $4 payment status · $5 decline code · $6 charge · $7 order status · $8 reservation status
-- $9 answer's status · $10 answer's fields · $11 answer's body
-- $12 event · $13 event's type · $14 event's payload · $15 traceparent · $16 now
-- $17 uuid[] two events a product, for what becomes of its class of stock
with settled as (
    update idempotency_keys
    set phase = 'done', status = $9, headers = $10, body = $11, completed_at = $16,
        lease_until = $16
    where account = $1 and mode = $2 and key = $3 and phase = 'charging'
      and not exists (select 1 from stray_charges where charge_id = $6)
    returning order_id
),
paid as (
    update payments set status = $4, decline_code = $5, charge_id = $6, updated_at = $16
    from settled where payments.order_id = settled.order_id and payments.status = 'processing'
),
ordered as (
    update orders set status = $7, version = version + 1, updated_at = $16
    from settled where orders.id = settled.order_id
),
stock as materialized (
    select inventory.product_id, inventory.available as was, reservations.quantity,
           inventory.available + case when $8 = 'returned' then reservations.quantity else 0 end
               as becomes
    from settled
    join reservations on reservations.order_id = settled.order_id and reservations.status = 'held'
    join inventory on inventory.product_id = reservations.product_id
    order by inventory.product_id
    for no key update of inventory
),
moved as (
    update inventory
    set reserved = inventory.reserved - stock.quantity,
        sold = inventory.sold + case when $8 = 'sold' then stock.quantity else 0 end,
        available = stock.becomes
    from stock where inventory.product_id = stock.product_id
),
closed as (
    update reservations set status = $8
    from settled where reservations.order_id = settled.order_id and reservations.status = 'held'
),
told as (
    insert into outbox (id, type, aggregate_id, payload, traceparent, created_at)
    select $12, $13, order_id, $14, $15, $16 from settled
),
crossed as (
    select product_id, was, becomes, 2 * row_number() over (order by product_id) as event from stock
),
stock_told as (
    select tell_of_stock(product_id, was, becomes, ($17::uuid[])[event - 1], ($17::uuid[])[event],
                         $15, $16)
    from crossed where stock_class(was) <> stock_class(becomes)
)
select exists (select 1 from settled) as settled,
       -- What nobody reads is not run.
       (select count(*) from stock_told) as stock_told
