-- An order is paid after its stock was given back: takes the stock anew, all of it or nothing, and
-- sells it at once. The caller holds the key's row, so that nobody else settles the order meanwhile.
-- Stock rows are again locked in the order of their ids.
--
-- $1 order
-- $2 uuid[] two events a product, for what becomes of its class of stock · $3 traceparent · $4 now
with stock as materialized (
    select inventory.product_id, inventory.available, reservations.quantity
    from reservations
    join inventory on inventory.product_id = reservations.product_id
    where reservations.order_id = $1 and reservations.status = 'expired'
    order by inventory.product_id
    for no key update of inventory
),
verdict as materialized (
    select coalesce(bool_and(available >= quantity), false) as enough from stock
),
moved as (
    update inventory
    set available = inventory.available - stock.quantity, sold = inventory.sold + stock.quantity
    from stock, verdict
    where verdict.enough and inventory.product_id = stock.product_id
),
closed as (
    update reservations set status = 'sold'
    from verdict
    where verdict.enough and reservations.order_id = $1 and reservations.status = 'expired'
),
crossed as (
    select product_id, available as was, available - quantity as becomes,
           2 * row_number() over (order by product_id) as event
    from stock, verdict where verdict.enough
),
stock_told as (
    select tell_of_stock(product_id, was, becomes, ($2::uuid[])[event - 1], ($2::uuid[])[event],
                         $3, $4)
    from crossed where stock_class(was) <> stock_class(becomes)
)
select enough,
       -- What nobody reads is not run.
       (select count(*) from stock_told) as stock_told
from verdict
