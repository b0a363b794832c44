-- What went back. A charge keeps its status when it is refunded; the two are read together.

create table sandbox_refunds (
    id text primary key,
    reference text not null references sandbox_charges (reference),
    provider_key text not null unique,
    amount bigint not null check (amount >= 0),
    currency text not null,
    created_at timestamptz not null
);

create index sandbox_refunds_of_charge on sandbox_refunds (reference);
