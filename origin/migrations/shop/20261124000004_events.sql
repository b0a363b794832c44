-- The outbox is a log that is only ever appended to. It is read by snapshot difference: what the
-- later of two stored snapshots sees and the earlier does not, so that a row which commits late is
-- never skipped, whatever its id or transaction id (decision 7).

create table outbox (
    id uuid primary key,
    -- Orders the events of one aggregate, whose writers exclude each other; says nothing across
    -- aggregates.
    seq bigint not null generated always as identity,
    type text not null,
    aggregate_id uuid not null,
    payload jsonb not null,
    traceparent text,
    tx xid8 not null default pg_current_xact_id(),
    created_at timestamptz not null
);

create index outbox_tx on outbox (tx, seq);

-- Transaction ids restart in a restored dump: a tick of another system must not be compared.
create table ticks (
    id bigint primary key generated always as identity,
    snapshot pg_snapshot not null,
    system_identifier bigint not null,
    created_at timestamptz not null
);

create table subscriptions (
    consumer text primary key,
    tick_id bigint not null references ticks (id),
    lease_token uuid,
    lease_until timestamptz
);

-- What a consumer has done. Its effect in this database commits with this row.
create table inbox (
    consumer text not null,
    event_id uuid not null,
    done_at timestamptz not null,
    primary key (consumer, event_id)
);

-- What a consumer could not do yet, and what must wait behind it to keep an aggregate's order.
create table deliveries (
    consumer text not null,
    event_id uuid not null references outbox (id),
    aggregate_id uuid not null,
    seq bigint not null,
    attempts integer not null,
    retry_at timestamptz not null,
    last_error text,
    primary key (consumer, event_id)
);

create index deliveries_in_order on deliveries (consumer, aggregate_id, seq);

-- A consumer begins at the tick of the migration that brings it.
insert into ticks (snapshot, system_identifier, created_at)
select pg_current_snapshot(), system_identifier, now() from pg_control_system();

insert into subscriptions (consumer, tick_id) select 'email', max(id) from ticks;
