-- What is needed to go on with a keyed request whose client is gone, and stock that is given back
-- while its payment is still unknown.

-- What the request asked for, and what its answer repeats.
alter table idempotency_keys add column kind text not null default 'order'
    constraint idempotency_keys_kind_known check (kind in ('order', 'payment', 'refund', 'change'));
alter table idempotency_keys add column path text not null default '/orders';
alter table idempotency_keys add column traceparent text;

-- How often the completer took it up, and when it may again. A client's own retry does not wait for
-- that.
alter table idempotency_keys add column tries integer not null default 0;
alter table idempotency_keys add column retry_at timestamptz;

-- `expired`: as `charging`, but the stock was given back, and nothing is charged any more.
alter table idempotency_keys drop constraint idempotency_keys_phase_known;
alter table idempotency_keys add constraint idempotency_keys_phase_known
    check (phase in ('charging', 'expired', 'refunding', 'done'));
drop index idempotency_keys_charging;
create index idempotency_keys_open on idempotency_keys (lease_until) where phase <> 'done';

-- `expired`: given back by the sweeper; a payment that succeeds after all takes it anew, if it can.
alter table reservations drop constraint reservations_status_known;
alter table reservations add constraint reservations_status_known
    check (status in ('held', 'sold', 'returned', 'expired'));
