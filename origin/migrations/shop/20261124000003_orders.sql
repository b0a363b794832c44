-- Orders with what hangs on them, and the idempotency keys that they commit together with.

create table orders (
    id uuid primary key,
    status text not null constraint orders_status_known check (status in
        ('pending', 'processing', 'confirmed', 'fulfilled', 'refunded', 'payment_failed', 'rejected',
         'cancelled')),
    -- The account as tokens name it: `usr_…`, or whatever an external issuer calls its subjects.
    customer_id text not null,
    mode text not null constraint orders_mode_known check (mode in ('live', 'test')),
    total_amount bigint not null
        constraint orders_total_range check (total_amount between 0 and 1000000000000),
    currency text not null,
    shipping_address jsonb not null,
    note text,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null
) with (fillfactor = 80);

create index orders_customer_newest on orders (customer_id, mode, created_at desc, id desc);
create index orders_newest on orders (mode, created_at desc, id desc);

-- Names and prices as they were sold; the product may change or go.
create table order_items (
    order_id uuid not null references orders (id),
    product_id uuid not null,
    sku text not null,
    name text not null,
    quantity integer not null constraint order_items_quantity_range check (quantity > 0),
    unit_amount bigint not null constraint order_items_price_range check (unit_amount >= 0),
    currency text not null,
    primary key (order_id, product_id)
);

-- Stock that waits for its payment. Settling closes a row, it never deletes it.
create table reservations (
    order_id uuid not null references orders (id),
    product_id uuid not null,
    quantity integer not null constraint reservations_quantity_range check (quantity > 0),
    status text not null default 'held'
        constraint reservations_status_known check (status in ('held', 'sold', 'returned')),
    expires_at timestamptz not null,
    primary key (order_id, product_id)
) with (fillfactor = 80);

create index reservations_held on reservations (expires_at) where status = 'held';

-- One row for each attempt to charge. `reference` is our own name for it at the provider and
-- derives from the order, `provider_key` from the client's idempotency key: neither is lost with
-- this row.
create table payments (
    id uuid primary key,
    order_id uuid not null references orders (id),
    attempt integer not null,
    status text not null constraint payments_status_known check (status in
        ('processing', 'succeeded', 'declined')),
    method text not null,
    amount bigint not null,
    currency text not null,
    provider_key text not null constraint payments_provider_key_unique unique,
    reference text not null constraint payments_reference_unique unique,
    charge_id text,
    decline_code text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint payments_attempt_unique unique (order_id, attempt)
) with (fillfactor = 80);

-- `charging` is the recovery point: stock is reserved and the provider may have been asked. Who
-- holds the lease works on it; once the lease is over, the next request with the key goes on.
create table idempotency_keys (
    account text not null,
    mode text not null,
    key text not null,
    fingerprint text not null,
    phase text not null
        constraint idempotency_keys_phase_known check (phase in ('charging', 'done')),
    order_id uuid not null,
    request_id text not null,
    lease_token uuid not null,
    lease_until timestamptz not null,
    status smallint,
    headers jsonb,
    body bytea,
    created_at timestamptz not null,
    completed_at timestamptz,
    primary key (account, mode, key),
    constraint idempotency_keys_done_has_answer check (
        phase <> 'done' or (status is not null and headers is not null and body is not null))
) with (fillfactor = 70);

create index idempotency_keys_charging on idempotency_keys (lease_until) where phase = 'charging';
