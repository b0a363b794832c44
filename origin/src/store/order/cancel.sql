-- Cancels a confirmed order: gives what it sold back to the stock, and marks its payment for the
-- refund that a consumer asks for later. One statement; the order's status guards it, so that it
-- happens once. The event is written next to it, in the same transaction.
--
-- The caller has locked the order's row. Stock rows are again locked in the order of their ids, so
-- that neither another cancellation nor a new order can wait for this one in a circle.
--
-- $1 order · $2 now · $3 traceparent
-- $4 uuid[] two events a product, for what becomes of its class of stock
with called_off as (
    update orders set status = 'cancelled', version = version + 1, updated_at = $2
    where id = $1 and status = 'confirmed'
    returning id
),
stock as materialized (
    select inventory.product_id, inventory.available as was, reservations.quantity,
           inventory.available + reservations.quantity as becomes
    from called_off
    join reservations on reservations.order_id = called_off.id and reservations.status = 'sold'
    join inventory on inventory.product_id = reservations.product_id
    order by inventory.product_id
    for no key update of inventory
),
moved as (
    update inventory
    set sold = inventory.sold - stock.quantity,
        available = stock.becomes
    from stock where inventory.product_id = stock.product_id
),
closed as (
    update reservations set status = 'returned'
    from called_off
    where reservations.order_id = called_off.id and reservations.status = 'sold'
),
owed as (
    update payments set status = 'refund_pending', updated_at = $2
    from called_off
    where payments.order_id = called_off.id and payments.status = 'succeeded'
),
crossed as (
    select product_id, was, becomes, 2 * row_number() over (order by product_id) as event from stock
),
stock_told as (
    select tell_of_stock(product_id, was, becomes, ($4::uuid[])[event - 1], ($4::uuid[])[event],
                         $3, $2)
    from crossed where stock_class(was) <> stock_class(becomes)
)
select exists (select 1 from called_off) as cancelled,
       -- What nobody reads is not run.
       (select count(*) from stock_told) as stock_told
