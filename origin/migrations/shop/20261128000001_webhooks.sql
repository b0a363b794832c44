-- Where others want to hear of events, and what each of them is still to be told.

create table webhooks (
    id uuid primary key,
    url text not null,
    -- Names of events, or `*` for all.
    events text[] not null,
    enabled boolean not null default true,
    -- It was switched off since its receiver said that it is gone for good (410).
    gone boolean not null default false,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

-- Secrets are not stored: each derives from the origin's derivation key, the webhook and this number.
create table webhook_secrets (
    webhook_id uuid not null references webhooks (id) on delete cascade,
    generation integer not null,
    -- Null: the current one. Else it signs beside the current one until then.
    retires_at timestamptz,
    primary key (webhook_id, generation)
);

-- A row for each event and each webhook that wants it, so that no receiver waits for another. The
-- text is kept: each try sends the same bytes, however long the outbox keeps the event.
create table webhook_deliveries (
    webhook_id uuid not null references webhooks (id) on delete cascade,
    event_id uuid not null,
    type text not null,
    schema_version smallint not null,
    aggregate_id uuid not null,
    seq bigint not null,
    body text not null,
    traceparent text,
    status text not null default 'pending'
        constraint webhook_deliveries_status_known check (status in ('pending', 'delivered', 'dead')),
    -- Counted before the receiver is called: a delivery that kills its worker is dead after as many.
    tries integer not null default 0,
    next_try_at timestamptz not null,
    lease_token uuid,
    lease_until timestamptz,
    created_at timestamptz not null,
    ended_at timestamptz,
    primary key (webhook_id, event_id)
);

create index webhook_deliveries_due on webhook_deliveries (webhook_id, next_try_at)
    where status = 'pending';
create index webhook_deliveries_in_order on webhook_deliveries (webhook_id, aggregate_id, seq)
    where status = 'pending';
create index webhook_deliveries_newest on webhook_deliveries (webhook_id, created_at, event_id);
create index webhook_deliveries_ended on webhook_deliveries (ended_at) where status <> 'pending';

create table webhook_attempts (
    webhook_id uuid not null,
    event_id uuid not null,
    number integer not null,
    began_at timestamptz not null,
    took_ms integer not null,
    -- What the receiver answered, if it did.
    status smallint,
    error text,
    primary key (webhook_id, event_id, number),
    foreign key (webhook_id, event_id) references webhook_deliveries on delete cascade
);

insert into subscriptions (consumer, tick_id) select 'notification', max(id) from ticks;
