-- Refunds that an admin asked for, each a part of a payment. What a cancellation pays back is the
-- payment's own state (`refund_pending`), and only what is left of it.
create table refunds (
    id uuid primary key,
    payment_id uuid not null references payments (id),
    amount bigint not null constraint refunds_amount_range check (amount > 0),
    currency text not null,
    status text not null default 'pending'
        constraint refunds_status_known check (status in ('pending', 'succeeded')),
    -- Derives from the client's key: asked for again, there is one refund.
    provider_key text not null constraint refunds_provider_key_unique unique,
    refund_id text,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

create index refunds_of_payment on refunds (payment_id, created_at);
