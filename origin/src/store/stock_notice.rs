//! Products of which little or nothing is left.

use chrono::{DateTime, Utc};
use serde::Serialize;
use shared::id::ProductId;
use shared::product::Availability;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use crate::platform::rfc3339;
use crate::store::page::{Place, Slice};

/// What is known of one.
#[derive(Debug)]
pub struct Notice<'a> {
    /// The product.
    pub product: Uuid,
    /// Its article number.
    pub sku: &'a str,
    /// Its name.
    pub name: &'a str,
    /// How much is left.
    pub availability: Availability,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// Little is left of it from now on.
pub async fn raise(connection: &mut PgConnection, notice: &Notice<'_>) -> sqlx::Result<()> {
    sqlx::query(
        "insert into stock_notices (product_id, sku, name, availability, since)
         values ($1, $2, $3, $4, $5)
         on conflict (product_id) do update
         set sku = excluded.sku, name = excluded.name, availability = excluded.availability,
             since = excluded.since",
    )
    .bind(notice.product)
    .bind(notice.sku)
    .bind(notice.name)
    .bind(notice.availability.as_str())
    .bind(notice.since)
    .execute(connection)
    .await?;
    Ok(())
}

/// It has changed, if there is a notice of it.
pub async fn amend(connection: &mut PgConnection, notice: &Notice<'_>) -> sqlx::Result<()> {
    sqlx::query(
        "update stock_notices set sku = $2, name = $3, availability = $4 where product_id = $1",
    )
    .bind(notice.product)
    .bind(notice.sku)
    .bind(notice.name)
    .bind(notice.availability.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// There is enough of it, or it is gone.
pub async fn clear(connection: &mut PgConnection, product: Uuid) -> sqlx::Result<()> {
    sqlx::query("delete from stock_notices where product_id = $1")
        .bind(product)
        .execute(connection)
        .await?;
    Ok(())
}

/// A product of which little is left, as admins see it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct LowStock {
    /// Always `low_stock`.
    #[schema(pattern = "^low_stock$")]
    object: &'static str,
    /// The product.
    product_id: ProductId,
    /// Its article number.
    sku: String,
    /// Its name.
    name: String,
    /// `low`, or `out` if nothing is left.
    availability: Availability,
    /// RFC 3339, UTC.
    #[schema(format = DateTime, max_length = 24)]
    since: String,
}

#[derive(FromRow)]
struct Row {
    product_id: Uuid,
    sku: String,
    name: String,
    availability: String,
    since: DateTime<Utc>,
}

/// Where a page ended: Unix microseconds and product.
pub type Position = (i64, Uuid);

/// A page, the newest first.
pub async fn list(
    connection: &mut PgConnection,
    place: Option<Place<Position>>,
    limit: i64,
) -> sqlx::Result<Slice<LowStock, Position>> {
    let slice = fetch(connection, place, limit).await?;
    if slice.is_before_the_start(place) {
        return fetch(connection, None, limit).await;
    }
    Ok(slice)
}

async fn fetch(
    connection: &mut PgConnection,
    place: Option<Place<Position>>,
    limit: i64,
) -> sqlx::Result<Slice<LowStock, Position>> {
    let (than, direction) = match place {
        Some(Place::Before(_)) => (">", "asc"),
        _ => ("<", "desc"),
    };
    let mut sql = sqlx::QueryBuilder::<sqlx::Postgres>::new(
        "select product_id, sku, name, availability, since from stock_notices",
    );
    if let Some((micros, product)) = place.map(|place| *place.position()) {
        let time = DateTime::from_timestamp_micros(micros).unwrap_or_default();
        sql.push(format!(" where (since, product_id) {than} ("));
        sql.push_bind(time).push(", ").push_bind(product).push(")");
    }
    sql.push(format!(
        " order by since {direction}, product_id {direction} limit "
    ));
    sql.push_bind(limit.saturating_add(1));
    let rows: Vec<Row> = sql.build_query_as().fetch_all(connection).await?;
    let rows = rows.into_iter().map(|row| {
        let position = (row.since.timestamp_micros(), row.product_id);
        let shown = LowStock {
            object: "low_stock",
            product_id: ProductId::from_uuid(row.product_id),
            sku: row.sku,
            name: row.name,
            availability: if row.availability == "out" {
                Availability::Out
            } else {
                Availability::Low
            },
            since: rfc3339(row.since),
        };
        (shown, position)
    });
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    Ok(Slice::of(rows.collect(), place, limit))
}
