-- Browsers that want to hear of their user's orders, by web push [RFC 8030].

-- What pushes are signed with [RFC 8292]. Browsers bind a subscription to it, so there is one, for good.
create table push_keys (
    one boolean primary key default true constraint push_keys_one check (one),
    -- PKCS #8: whoever reads it can push to our subscribers.
    secret bytea not null,
    created_at timestamptz not null
);

create table push_subscriptions (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    -- Where pushes are sent: it names a browser, which is one user's at a time.
    endpoint text not null constraint push_subscriptions_endpoint unique,
    p256dh bytea not null,
    auth bytea not null,
    created_at timestamptz not null
);

create index push_subscriptions_owner on push_subscriptions (user_id, created_at, id);

-- A row for each event and each browser that is yet to hear of it; gone once it has, or once it is old.
create table push_deliveries (
    subscription_id uuid not null references push_subscriptions (id) on delete cascade,
    event_id uuid not null,
    body text not null,
    -- Counted before the push service is called.
    tries integer not null default 0,
    next_try_at timestamptz not null,
    lease_token uuid,
    lease_until timestamptz,
    created_at timestamptz not null,
    primary key (subscription_id, event_id)
);

create index push_deliveries_due on push_deliveries (next_try_at);
create index push_deliveries_in_order on push_deliveries (subscription_id, created_at, event_id);

insert into subscriptions (consumer, tick_id) select 'push', max(id) from ticks;
