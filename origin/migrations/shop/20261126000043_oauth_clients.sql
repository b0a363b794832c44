-- Who may ask POST /oauth/token for itself: partners and services.
create table oauth_clients (
    id uuid primary key,
    name text not null,
    -- Whose its limits, keys and orders are.
    account text not null,
    role text not null constraint oauth_clients_role_known check (role in ('partner', 'service')),
    mode text not null constraint oauth_clients_mode_known check (mode in ('live', 'test')),
    scopes text[] not null,
    secret_hash bytea not null
        constraint oauth_clients_hash_length check (length(secret_hash) = 32),
    created_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz
);
