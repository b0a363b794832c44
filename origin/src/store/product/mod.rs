//! Products: reading, listing, changing.

mod list;

pub use list::{Filter, Position, Sort, list};

use chrono::{DateTime, Utc};
use shared::id::ProductId;
use shared::money::Money;
use shared::product::{Availability, Product};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::platform::rfc3339;

/// What a product's row joined with its stock holds, in the order of [`COLUMNS`].
#[derive(sqlx::FromRow)]
pub struct Row {
    id: Uuid,
    sku: String,
    name: String,
    description: String,
    category: String,
    price_amount: i64,
    currency: String,
    image_url: Option<String>,
    active: bool,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    available: i32,
}

impl Row {
    /// As clients see it.
    pub fn product(self) -> sqlx::Result<Product> {
        Ok(Product {
            object: "product".to_owned(),
            id: ProductId::from_uuid(self.id),
            sku: self.sku,
            name: self.name,
            description: self.description,
            category: self.category,
            price: Money {
                amount: self.price_amount,
                currency: self
                    .currency
                    .parse()
                    .map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
            },
            availability: Availability::of(self.available.into()),
            image_url: self.image_url,
            active: self.active,
            version: self.version,
            created_at: rfc3339(self.created_at),
            updated_at: rfc3339(self.updated_at),
        })
    }
}

/// One product.
pub async fn read(pool: &PgPool, id: ProductId) -> sqlx::Result<Option<Product>> {
    let row: Option<Row> = sqlx::query_as(
        "select id, sku, name, description, category, price_amount, currency, image_url, active,
                version, created_at, updated_at, coalesce(available, 0) as available
         from products left join inventory on product_id = id where id = $1",
    )
    .bind(id.uuid())
    .fetch_optional(pool)
    .await?;
    row.map(Row::product).transpose()
}

/// One product, locked against other changes until the transaction ends.
pub async fn lock(connection: &mut PgConnection, id: ProductId) -> sqlx::Result<Option<Product>> {
    let row: Option<Row> = sqlx::query_as(
        "select id, sku, name, description, category, price_amount, currency, image_url, active,
                version, created_at, updated_at,
                coalesce((select available from inventory where product_id = id), 0) as available
         from products where id = $1 for no key update",
    )
    .bind(id.uuid())
    .fetch_optional(connection)
    .await?;
    row.map(Row::product).transpose()
}

/// Writes what an admin may change.
pub async fn update(
    connection: &mut PgConnection,
    product: &Product,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "update products set name = $2, description = $3, category = $4, price_amount = $5,
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
    .execute(connection)
    .await?;
    Ok(())
}
