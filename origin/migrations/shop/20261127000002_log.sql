-- The log is cut into weeks by its ids, whose first 48 bits are their time, so that what is over
-- is dropped and never deleted row by row. Ids without a time, and weeks that nobody has made yet, stand in
-- the default part.
create function time_uuid(moment timestamptz) returns uuid
language sql immutable strict parallel safe
return (lpad(to_hex((extract(epoch from moment) * 1000)::bigint), 12, '0')
    || '00000000000000000000')::uuid;

create sequence outbox_seq;

alter table outbox rename to outbox_whole;
alter table outbox_whole rename constraint outbox_pkey to outbox_whole_pkey;
alter index outbox_tx rename to outbox_whole_tx;

create table outbox (
    id uuid primary key,
    -- Orders the events of one aggregate, whose writers exclude each other; says nothing across
    -- aggregates.
    seq bigint not null default nextval('outbox_seq'),
    type text not null,
    aggregate_id uuid not null,
    payload jsonb not null,
    traceparent text,
    tx xid8 not null default pg_current_xact_id(),
    created_at timestamptz not null,
    schema_version smallint not null default 1
) partition by range (id);
alter sequence outbox_seq owned by outbox.seq;
create table outbox_default partition of outbox default;
create index outbox_tx on outbox (tx, seq);

insert into outbox (id, seq, type, aggregate_id, payload, traceparent, tx, created_at,
                    schema_version)
select id, seq, type, aggregate_id, payload, traceparent, tx, created_at, schema_version
from outbox_whole;
select setval('outbox_seq', coalesce((select max(seq) from outbox_whole), 0) + 1, false);
drop table outbox_whole;

alter table inbox rename to inbox_whole;
alter table inbox_whole rename constraint inbox_pkey to inbox_whole_pkey;
create table inbox (
    consumer text not null,
    event_id uuid not null,
    done_at timestamptz not null,
    primary key (consumer, event_id)
) partition by range (event_id);
create table inbox_default partition of inbox default;
insert into inbox (consumer, event_id, done_at) select consumer, event_id, done_at from inbox_whole;
drop table inbox_whole;

-- How many events there were, so that a step's size can be chosen; and which ticks stay when all
-- subscriptions have passed them, for replays.
alter table ticks
    add column last_seq bigint not null default 0,
    add column kept boolean not null default false;
update ticks set kept = true;

-- Updated at each step: room for the next version beside the last.
alter table subscriptions set (fillfactor = 50);
