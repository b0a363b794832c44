-- Charges that belong to no order: of an order that a lost primary took along, or made after we had
-- given the order up. They are paid back.
create table stray_charges (
    charge_id text primary key,
    reference text not null,
    amount bigint not null,
    currency text not null,
    created_at timestamptz not null,
    -- When it is paid back, or asked for again.
    retry_at timestamptz not null,
    refund_id text,
    refunded_at timestamptz
);

create index stray_charges_owed on stray_charges (retry_at) where refund_id is null;
