-- Products and their stock. Ids are UUIDs (v7 where we mint them); clients see them as TypeIDs.

create table products (
    id uuid primary key,
    sku text not null constraint products_sku_unique unique,
    name text not null,
    description text not null,
    category text not null,
    price_amount bigint not null
        constraint products_price_range check (price_amount between 0 and 1000000000000),
    currency text not null constraint products_currency_form check (currency ~ '^[A-Z]{3}$'),
    image_url text,
    active boolean not null default true,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    search tsvector not null generated always as (
        setweight(to_tsvector('english', name), 'A')
        || setweight(to_tsvector('english', category), 'B')
        || setweight(to_tsvector('english', description), 'C')
    ) stored
);

-- One index for each order in which lists are read; all of them end in the id, so that a keyset
-- never stands between two equal rows.
create index products_newest on products (created_at desc, id desc) where active;
create index products_category_newest on products (category, created_at desc, id desc) where active;
create index products_price on products (price_amount, id) where active;
create index products_category_price on products (category, price_amount, id) where active;
create index products_search on products using gin (search);

-- Stock lives apart from the product: it changes with each order, and must not bump versions or
-- rewrite the search index. Room is left in each page, so that its updates stay within it.
create table inventory (
    product_id uuid primary key references products (id) on delete cascade,
    available integer not null constraint inventory_available_not_negative check (available >= 0),
    reserved integer not null default 0
        constraint inventory_reserved_not_negative check (reserved >= 0),
    sold integer not null default 0 constraint inventory_sold_not_negative check (sold >= 0)
) with (fillfactor = 70);
