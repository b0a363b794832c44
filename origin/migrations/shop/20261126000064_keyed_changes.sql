-- Keys of changes: the row commits with the change and its answer, in one transaction, so nobody ever
-- sees it in the phase that it is inserted with. It belongs to no order.
alter table idempotency_keys alter column order_id drop not null;
alter table idempotency_keys drop constraint idempotency_keys_phase_known;
alter table idempotency_keys add constraint idempotency_keys_phase_known
    check (phase in ('charging', 'expired', 'refunding', 'changing', 'done'));
alter table idempotency_keys add constraint idempotency_keys_have_their_order
    check (order_id is not null or kind = 'change');
