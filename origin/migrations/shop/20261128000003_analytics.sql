-- What became of orders, a day (UTC, by the events' ids) and a currency. Amounts are in minor units.
create table analytics_daily (
    day date not null,
    currency text not null,
    orders bigint not null default 0,
    revenue bigint not null default 0,
    cancelled bigint not null default 0,
    refunded bigint not null default 0,
    refunds bigint not null default 0,
    primary key (day, currency)
);

-- What the edge has counted, an estimate: a count that is lost on its way is not asked for again.
create table analytics_views (
    day date primary key,
    views bigint not null
);

-- When an id was made: the first 48 bits of a UUIDv7 are milliseconds.
create function made_at(id uuid) returns timestamptz
language sql immutable strict parallel safe
return to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0);

insert into subscriptions (consumer, tick_id) select 'analytics', max(id) from ticks;
