//! Changing products. Who calls holds the product's lock, and tells of the change in the same
//! transaction.

use chrono::{DateTime, Utc};
use shared::product::Product;
use sqlx::PgConnection;

/// No two products that are not deleted share an article number.
pub const SKU_UNIQUE: &str = "products_sku_unique";

/// Writes a new product and its stock. False if the id is taken.
pub async fn insert(
    connection: &mut PgConnection,
    product: &Product,
    stock: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let inserted = sqlx::query(
        "with added as (
             insert into products (id, sku, name, description, category, price_amount, currency,
                                   image_url, active, version, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)
             on conflict (id) do nothing returning id)
         insert into inventory (product_id, available) select id, $12::bigint::integer from added",
    )
    .bind(product.id.uuid())
    .bind(&product.sku)
    .bind(&product.name)
    .bind(&product.description)
    .bind(&product.category)
    .bind(product.price.amount)
    .bind(product.price.currency.as_str())
    .bind(&product.image_url)
    .bind(product.active)
    .bind(product.version)
    .bind(now)
    .bind(stock)
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Writes a changed product and its stock, which is locked.
pub async fn update(
    connection: &mut PgConnection,
    product: &Product,
    stock: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "with stocked as (
             insert into inventory (product_id, available) values ($1, $12::bigint::integer)
             on conflict (product_id) do update set available = excluded.available
             where inventory.available <> excluded.available)
         update products set sku = $11, name = $2, description = $3, category = $4, price_amount = $5,
                currency = $6, image_url = $7, active = $8, version = $9, updated_at = $10
         where id = $1",
    )
    .bind(product.id.uuid())
    .bind(&product.name)
    .bind(&product.description)
    .bind(&product.category)
    .bind(product.price.amount)
    .bind(product.price.currency.as_str())
    .bind(&product.image_url)
    .bind(product.active)
    .bind(product.version)
    .bind(now)
    .bind(&product.sku)
    .bind(stock)
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes a product out of the shop. Its row stays, for the orders that have it.
pub async fn remove(
    connection: &mut PgConnection,
    product: &Product,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "update products set active = false, deleted_at = $3, version = $2, updated_at = $3
         where id = $1",
    )
    .bind(product.id.uuid())
    .bind(product.version)
    .bind(now)
    .execute(connection)
    .await?;
    Ok(())
}
