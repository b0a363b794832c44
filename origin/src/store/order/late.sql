-- T2 of an order whose stock was given back before its payment was known. As settle.sql, but for the
-- stock, which reclaim.sql has taken anew in the same transaction or left to others.
--
-- A charge that was taken for a stray is on its way back, and pays for nothing.
--
-- $1 account · $2 mode · $3 key
-- $4 payment status · $5 decline code · $6 charge · $7 order status
-- $8 answer's status · $9 answer's fields · $10 answer's body
-- $11 event · $12 event's type · $13 event's payload · $14 traceparent · $15 now
with settled as (
    update idempotency_keys
    set phase = 'done', status = $8, headers = $9, body = $10, completed_at = $15,
        lease_until = $15
    where account = $1 and mode = $2 and key = $3 and phase = 'expired'
      and not exists (select 1 from stray_charges where charge_id = $6)
    returning order_id
),
paid as (
    update payments set status = $4, decline_code = $5, charge_id = $6, updated_at = $15
    from settled where payments.order_id = settled.order_id and payments.status = 'processing'
),
ordered as (
    update orders set status = $7, version = version + 1, updated_at = $15
    from settled where orders.id = settled.order_id
),
closed as (
    update reservations set status = 'returned'
    from settled where reservations.order_id = settled.order_id and reservations.status = 'expired'
),
told as (
    insert into outbox (id, type, aggregate_id, payload, traceparent, created_at)
    select $11, $12, order_id, $13, $14, $15 from settled
)
select exists (select 1 from settled) as settled
