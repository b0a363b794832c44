-- What a consumer could not do carries all that is needed to do it, so that the log may be forgotten
-- while a row waits; who works on it holds a lease, and may write only while its token stands there.
alter table deliveries drop constraint deliveries_event_id_fkey;
alter table deliveries
    add column type text,
    add column schema_version smallint not null default 1,
    add column payload jsonb,
    add column traceparent text,
    add column created_at timestamptz,
    add column lease_token uuid,
    add column lease_until timestamptz,
    -- `[{at, error}]`, the newest last.
    add column history jsonb not null default '[]',
    -- A dead letter: nobody tries it, and it still holds up what follows for its aggregate.
    add column dead boolean not null default false;
update deliveries set type = outbox.type, payload = outbox.payload,
    traceparent = outbox.traceparent, created_at = outbox.created_at
from outbox where outbox.id = event_id;
alter table deliveries
    alter column type set not null,
    alter column payload set not null,
    alter column created_at set not null;
-- The order in which they are tried: the first is nearly always due, however many wait.
create index deliveries_due on deliveries (consumer, seq) where not dead;

-- What was given up, one row for consumer and event; it stays when it is settled.
create table dead_letters (
    id uuid primary key,
    consumer text not null,
    event_id uuid not null,
    type text not null,
    schema_version smallint not null,
    aggregate_id uuid not null,
    payload jsonb not null,
    traceparent text,
    created_at timestamptz not null,
    attempts integer not null,
    reason text not null check (reason in ('tries', 'permanent', 'worker_lost', 'schema_unknown')),
    error text not null,
    history jsonb not null,
    status text not null default 'dead'
        check (status in ('dead', 'redriven', 'done', 'discarded')),
    died_at timestamptz not null,
    settled_at timestamptz,
    -- Why it was discarded.
    note text,
    -- `[{at, by, payload}]`: what the payload was before each edit.
    edits jsonb not null default '[]',
    unique (consumer, event_id)
);

create index dead_letters_newest on dead_letters (died_at, id);
create index dead_letters_open on dead_letters (consumer) where status = 'dead';

-- The version of an event's shape, by type (shared/src/event).
alter table outbox add column schema_version smallint not null default 1;

-- How far a worker had begun: when it dies, what it was at counts as tried.
alter table subscriptions add column begun_tick bigint;

-- What operators are told of, once each time that it begins.
create table alerts (
    name text primary key,
    detail text not null,
    raised_at timestamptz not null,
    -- Null until the webhook has taken it.
    told_at timestamptz,
    cleared_at timestamptz,
    times bigint not null default 1
);
