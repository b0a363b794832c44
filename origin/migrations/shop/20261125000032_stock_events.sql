-- A product's class of stock is a part of what clients see, and moves with orders. Whatever moves it
-- tells of it in its own statement, by these.

-- An id as clients see it: a prefix, and 130 bits in Crockford's base32 (shared/src/id.rs).
create function type_id(prefix text, id uuid) returns text
language sql immutable strict parallel safe
return prefix || '_' || (
    select string_agg(
        substr('0123456789abcdefghjkmnpqrstvwxyz',
               substring(b'00' || ('x' || replace(id::text, '-', ''))::bit(128)
                         from place * 5 + 1 for 5)::integer + 1, 1),
        '' order by place)
    from generate_series(0, 25) as place);

-- A time as clients see it.
create function shown_time(moment timestamptz) returns text
language sql immutable strict parallel safe
return to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

-- The class of a count (shared/src/product.rs has the bounds, and a test compares the two).
create function stock_class(available integer) returns text
language sql immutable strict parallel safe
return case when available <= 0 then 'out' when available <= 10 then 'low' else 'in_stock' end;

-- A product as the API shows it, with that many units.
create function shown_product(product products, available integer) returns jsonb
language sql stable parallel safe
return jsonb_build_object(
    'object', 'product', 'id', type_id('prd', (product).id), 'sku', (product).sku,
    'name', (product).name, 'description', (product).description,
    'category', (product).category,
    'price', jsonb_build_object('amount', (product).price_amount, 'currency', (product).currency),
    'availability', stock_class(available), 'image_url', (product).image_url,
    'active', (product).active, 'version', (product).version,
    'created_at', shown_time((product).created_at),
    'updated_at', shown_time((product).updated_at));

-- Tells that a product's stock has moved from one count to another, if that is another class:
-- `product.updated` and, downwards, `inventory.low`. The caller holds the lock of the stock's row, so
-- that the events stand in the order of the moves. A volatile function looks with a snapshot of its
-- own, taken behind that lock: a change of the product that the caller waited for is seen, where the
-- caller's own snapshot may be older.
create function tell_of_stock(moved uuid, was integer, becomes integer, event uuid, low_event uuid,
                              trace text, moment timestamptz) returns void
language sql volatile
as $$
    insert into outbox (id, type, aggregate_id, payload, traceparent, created_at)
    select told.id, told.type, moved, told.payload, trace, moment
    from products,
         lateral (values
             (1, event, 'product.updated', shown_product(products, becomes)),
             (2, low_event, 'inventory.low', jsonb_build_object(
                 'object', 'inventory', 'id', type_id('prd', products.id), 'sku', products.sku,
                 'name', products.name, 'availability', stock_class(becomes),
                 'available', becomes))
         ) as told (place, id, type, payload)
    where products.id = moved and products.deleted_at is null
      and stock_class(was) <> stock_class(becomes)
      and (told.type = 'product.updated' or becomes < was)
    order by told.place
$$;
