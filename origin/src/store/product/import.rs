//! Many products at once, as a catalogue's import writes them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use shared::event::EventType;
use shared::id::EventId;
use shared::product::Product;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Locked, Row};

/// A product to write, and the event that tells of it.
#[derive(Debug)]
pub struct Change {
    /// As it is from now on.
    pub product: Product,
    /// Units that are free to be ordered.
    pub stock: i64,
    /// Created or updated.
    pub kind: EventType,
    /// The event's id.
    pub event_id: EventId,
}

/// The products with these article numbers, locked until the transaction ends: products first,
/// their stock second, each in the order of ids, so that neither a change nor an order can wait for
/// us while we wait for it.
pub async fn by_sku(
    connection: &mut PgConnection,
    skus: &[String],
) -> sqlx::Result<HashMap<String, Locked>> {
    let mut rows: Vec<Row> = sqlx::query_as(
        "select id, sku, name, description, category, price_amount, currency, image_url, active,
                version, created_at, updated_at, 0 as available
         from products where sku = any ($1) and deleted_at is null
         order by id for no key update",
    )
    .bind(skus)
    .fetch_all(&mut *connection)
    .await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let stock: Vec<(Uuid, i32)> = sqlx::query_as(
        "select product_id, available from inventory where product_id = any ($1)
         order by product_id for no key update",
    )
    .bind(ids)
    .fetch_all(connection)
    .await?;
    let stock: HashMap<Uuid, i32> = stock.into_iter().collect();
    rows.drain(..)
        .map(|mut row| {
            row.available = stock.get(&row.id).copied().unwrap_or_default();
            let stock = row.available.into();
            let product = row.product()?;
            Ok((product.sku.clone(), Locked { product, stock }))
        })
        .collect()
}

/// Writes the products, their stock and their events. Those that are there are locked.
pub async fn write(
    connection: &mut PgConnection,
    changes: &[Change],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    fn each<T>(changes: &[Change], of: impl Fn(&Change) -> T) -> Vec<T> {
        changes.iter().map(of).collect()
    }
    let text = |of: fn(&Product) -> &String| each(changes, |change| of(&change.product).clone());
    sqlx::query(
        "with changed as (
             select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[],
                                  $6::bigint[], $7::text[], $8::text[], $9::boolean[],
                                  $10::bigint[], $11::bigint[], $12::uuid[], $13::text[],
                                  $14::jsonb[])
                 as changed (id, sku, name, description, category, price_amount, currency,
                             image_url, active, version, stock, event_id, event_type, payload)
         ),
         written as (
             insert into products (id, sku, name, description, category, price_amount, currency,
                                   image_url, active, version, created_at, updated_at)
             select id, sku, name, description, category, price_amount, currency, image_url,
                    active, version, $15, $15
             from changed
             on conflict (id) do update
             set name = excluded.name, description = excluded.description,
                 category = excluded.category, price_amount = excluded.price_amount,
                 currency = excluded.currency, image_url = excluded.image_url,
                 active = excluded.active, version = excluded.version,
                 updated_at = excluded.updated_at
             returning id
         ),
         stocked as (
             insert into inventory (product_id, available)
             select id, stock::integer from changed join written using (id)
             on conflict (product_id) do update set available = excluded.available
             where inventory.available <> excluded.available
         )
         insert into outbox (id, type, aggregate_id, payload, created_at)
         select event_id, event_type, id, payload, $15 from changed",
    )
    .bind(each(changes, |change| change.product.id.uuid()))
    .bind(text(|product| &product.sku))
    .bind(text(|product| &product.name))
    .bind(text(|product| &product.description))
    .bind(text(|product| &product.category))
    .bind(each(changes, |change| change.product.price.amount))
    .bind(each(changes, |change| {
        change.product.price.currency.to_string()
    }))
    .bind(each(changes, |change| change.product.image_url.clone()))
    .bind(each(changes, |change| change.product.active))
    .bind(each(changes, |change| change.product.version))
    .bind(each(changes, |change| change.stock))
    .bind(each(changes, |change| change.event_id.uuid()))
    .bind(each(changes, |change| change.kind.as_str()))
    .bind(each(changes, |change| -> Value { json!(change.product) }))
    .bind(now)
    .execute(connection)
    .await?;
    Ok(())
}
