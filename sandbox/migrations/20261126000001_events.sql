-- What clients are told of, until they have confirmed that they heard it.

create table sandbox_events (
    id text primary key,
    -- The very bytes that are signed and sent.
    payload text not null,
    created_at timestamptz not null,
    attempts integer not null default 0,
    retry_at timestamptz not null,
    delivered_at timestamptz
);

create index sandbox_events_due on sandbox_events (retry_at) where delivered_at is null;
