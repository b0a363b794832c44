//! Products: reading, listing, changing.

mod import;
mod list;
mod write;

pub use import::{Change, by_sku, write};
pub use list::{Filter, Position, Sort, list, plan};
pub use write::{SKU_UNIQUE, insert, remove, update};

use chrono::{DateTime, Utc};
use shared::id::ProductId;
use shared::money::Money;
use shared::product::{Availability, NewProduct, Product};
use sqlx::PgConnection;
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
pub async fn read(connection: &mut PgConnection, id: ProductId) -> sqlx::Result<Option<Product>> {
    let row: Option<Row> = sqlx::query_as(
        "select id, sku, name, description, category, price_amount, currency, image_url, active,
                version, created_at, updated_at, coalesce(available, 0) as available
         from products left join inventory on product_id = id
         where id = $1 and deleted_at is null",
    )
    .bind(id.uuid())
    .fetch_optional(connection)
    .await?;
    row.map(Row::product).transpose()
}

/// A product as it stands under its lock.
#[derive(Debug, Clone)]
pub struct Locked {
    /// As clients see it.
    pub product: Product,
    /// Units that are free to be ordered.
    pub stock: i64,
}

impl Locked {
    /// What a client may write of it.
    pub fn document(&self) -> NewProduct {
        let product = self.product.clone();
        NewProduct {
            sku: product.sku,
            name: product.name,
            description: product.description,
            category: product.category,
            price: product.price,
            image_url: product.image_url,
            active: product.active,
            stock: self.stock,
        }
    }
}

/// One product, locked against other changes and against orders until the transaction ends. The
/// product's row comes first, its stock second; an order locks stock alone.
pub async fn lock(connection: &mut PgConnection, id: ProductId) -> sqlx::Result<Option<Locked>> {
    let row: Option<Row> = sqlx::query_as(
        "select id, sku, name, description, category, price_amount, currency, image_url, active,
                version, created_at, updated_at, 0 as available
         from products where id = $1 and deleted_at is null for no key update",
    )
    .bind(id.uuid())
    .fetch_optional(&mut *connection)
    .await?;
    let Some(mut row) = row else {
        return Ok(None);
    };
    let available: Option<i32> = sqlx::query_scalar(
        "select available from inventory where product_id = $1 for no key update",
    )
    .bind(id.uuid())
    .fetch_optional(connection)
    .await?;
    row.available = available.unwrap_or_default();
    let stock = row.available.into();
    let product = row.product()?;
    Ok(Some(Locked { product, stock }))
}
