-- An order is paid after its stock was given back: takes the stock anew, all of it or nothing, and
-- sells it at once. The caller holds the key's row, so that nobody else settles the order meanwhile.
-- Stock rows are again locked in the order of their ids.
--
-- $1 order
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
)
select enough from verdict
