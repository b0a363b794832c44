-- Sessions: a family of refresh tokens each, of which one at a time can be exchanged.

create table sessions (
    id uuid primary key,
    user_id uuid not null references users (id),
    created_at timestamptz not null,
    last_used_at timestamptz not null,
    -- However often it is used, it ends here.
    expires_at timestamptz not null,
    revoked_at timestamptz,
    revoked_for text constraint sessions_revoked_for_known check (revoked_for in
        ('signed_out', 'token_reused', 'password_changed', 'user_deleted', 'too_many')),
    constraint sessions_revoked_for_something check ((revoked_at is null) = (revoked_for is null))
);

create index sessions_of_user on sessions (user_id, last_used_at desc);

-- Used tokens stay as long as their family: one that comes again was stolen, or its answer was lost.
create table refresh_tokens (
    hash bytea primary key constraint refresh_tokens_hash_length check (length(hash) = 32),
    session_id uuid not null references sessions (id) on delete cascade,
    created_at timestamptz not null,
    -- Unless it is used by then.
    expires_at timestamptz not null,
    used_at timestamptz,
    -- What it was exchanged for: the hash, and the token itself under a mask that only the holder of
    -- the old one can make.
    successor bytea,
    sealed bytea,
    constraint refresh_tokens_used_has_successor check (
        (used_at is null) = (successor is null) and (used_at is null) = (sealed is null))
);

create index refresh_tokens_of_session on refresh_tokens (session_id);

-- Failures to sign in, by account and by address, each under a digest: what somebody typed into the
-- wrong field is not kept. Losing them in a crash does no harm.
create unlogged table sign_in_failures (
    subject bytea primary key,
    failures integer not null,
    -- No attempt before this.
    closed_until timestamptz not null,
    last_at timestamptz not null
);

create index sign_in_failures_oldest on sign_in_failures (last_at);
