-- What may be done to an order once it stands: hidden by its owner, cancelled and paid back.

-- Set when its owner deletes it: gone for the owner, there for support and admin. Lists skip the few
-- that are hidden while they walk the same indexes.
alter table orders add column hidden_at timestamptz;

alter table payments drop constraint payments_status_known;
alter table payments add constraint payments_status_known check (status in
    ('processing', 'succeeded', 'declined', 'refund_pending', 'refunded'));
-- The provider's name for the refund.
alter table payments add column refund_id text;

-- Refunds that are still to be asked for, whatever became of their events.
create index payments_refund_pending on payments (updated_at) where status = 'refund_pending';

-- A consumer begins at the tick of the migration that brings it, or at an earlier one: nothing that
-- it listens to was written before.
insert into subscriptions (consumer, tick_id) select 'refund', max(id) from ticks;
