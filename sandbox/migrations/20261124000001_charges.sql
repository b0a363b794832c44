-- The sandbox provider's own book, in a database of its own: the shop never joins it.

create table sandbox_charges (
    id text primary key,
    reference text not null unique,
    provider_key text not null unique,
    status text not null check (status in ('succeeded', 'declined')),
    decline_code text,
    method text not null,
    amount bigint not null,
    currency text not null,
    created_at timestamptz not null
);
