-- A deleted product stays as a row, so that orders under way settle against its stock. It is
-- inactive, which takes it out of every list and from sale; its article number is free again.
alter table products add column deleted_at timestamptz;
alter table products add constraint products_deleted_inactive
    check (deleted_at is null or not active);
alter table products drop constraint products_sku_unique;
create unique index products_sku_unique on products (sku) where deleted_at is null;
