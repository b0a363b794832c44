-- Products of which little or nothing is left, as the inventory consumer has heard. A product that is
-- there again in good number has no row.
create table stock_notices (
    product_id uuid primary key,
    sku text not null,
    name text not null,
    availability text not null,
    -- When it fell below the bound, or ran out.
    since timestamptz not null
);

create index stock_notices_newest on stock_notices (since, product_id);

insert into subscriptions (consumer, tick_id) select 'inventory', max(id) from ticks;
