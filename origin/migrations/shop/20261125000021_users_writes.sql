-- What a client may do to a user, and the payment methods that a user puts by.

-- A deleted user's row stays, since orders name its id, and says nothing of the person any more.
alter table users alter column email drop not null;
alter table users add column deleted_at timestamptz;
alter table users add constraint users_email_unless_deleted
    check ((email is null) = (deleted_at is not null));
alter table users add constraint users_deleted_are_nobody check (
    deleted_at is null
    or name = '' and password_hash is null and phone is null and address is null);

create table payment_methods (
    id uuid primary key,
    user_id uuid not null references users (id),
    -- The provider's name for it.
    method text not null,
    label text,
    is_default boolean not null,
    created_at timestamptz not null
);

create index payment_methods_newest on payment_methods (user_id, created_at desc, id desc);
create unique index payment_methods_one_default on payment_methods (user_id) where is_default;
