-- Plans, the API keys that are on them, and what was revoked before its time.

create table plans (
    id uuid primary key,
    name text not null,
    rate bigint not null constraint plans_rate_positive check (rate > 0),
    per_seconds bigint not null constraint plans_window_positive check (per_seconds > 0),
    burst bigint not null constraint plans_burst_positive check (burst > 0),
    quota jsonb,
    concurrency bigint constraint plans_concurrency_positive check (concurrency > 0),
    stages jsonb not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    -- Keys that have ended still name it.
    deleted_at timestamptz
);

create unique index plans_name_unique on plans (name) where deleted_at is null;

create table api_keys (
    id uuid primary key,
    -- SHA-256 of the key, which nobody has but its holder.
    hash bytea not null constraint api_keys_hash_unique unique
        constraint api_keys_hash_length check (length(hash) = 32),
    hint text not null,
    name text not null,
    account text not null,
    mode text not null constraint api_keys_mode_known check (mode in ('live', 'test')),
    plan_id uuid not null references plans (id),
    scopes text[] not null,
    -- What it was rotated to.
    successor uuid references api_keys (id),
    created_at timestamptz not null,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz
);

create index api_keys_of_plan on api_keys (plan_id) where revoked_at is null;

-- Access tokens that no longer hold: one by its id, or all of a subject that were issued before a time.
-- A row may go once they would have expired anyway.
create table revocations (
    id uuid primary key,
    token_id text,
    subject text,
    issued_before timestamptz,
    created_by text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint revocations_of_something check (token_id is not null or subject is not null),
    constraint revocations_subject_until check ((subject is null) = (issued_before is null))
);

create index revocations_of_token on revocations (token_id) where token_id is not null;
create index revocations_of_subject on revocations (subject) where subject is not null;
create index revocations_oldest on revocations (expires_at);
