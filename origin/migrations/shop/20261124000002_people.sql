-- Users, and the keys that their tokens are signed with.

create table users (
    id uuid primary key,
    email text not null,
    name text not null,
    password_hash text,
    phone text,
    address jsonb,
    role text not null default 'customer'
        constraint users_role_known check (role in ('customer', 'partner', 'support', 'admin')),
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

-- Two spellings of one address are one person.
create unique index users_email_unique on users (lower(email));

-- A key is published (created_at) before it signs (active_from), so that every verifier has fetched
-- it by then; it is withdrawn (retired_at) after the last token that it signed has expired.
create table signing_keys (
    kid text primary key,
    secret bytea not null constraint signing_keys_secret_length check (length(secret) = 32),
    public_key bytea not null constraint signing_keys_public_length check (length(public_key) = 32),
    created_at timestamptz not null,
    active_from timestamptz not null,
    retired_at timestamptz
);
