//! Lists of products, by keyset: the next page starts behind a position, not at an offset, so that
//! no row comes twice or is skipped while others write.

use serde::{Deserialize, Serialize};
use shared::product::{Availability, LOW_STOCK_MAX, Product};
use sqlx::{FromRow, PgConnection, PgPool, Postgres, QueryBuilder, Row as _};
use uuid::Uuid;

use super::Row;
use crate::store::page::{Place, Slice};

/// In which order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Sort {
    /// Created last, first.
    #[default]
    #[serde(rename = "newest")]
    Newest,
    /// Cheapest first.
    #[serde(rename = "price_asc")]
    PriceAscending,
    /// Dearest first.
    #[serde(rename = "price_desc")]
    PriceDescending,
    /// Best match of the search first.
    #[serde(rename = "relevance")]
    Relevance,
}

impl Sort {
    /// The order of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "newest" => Self::Newest,
            "price_asc" => Self::PriceAscending,
            "price_desc" => Self::PriceDescending,
            "relevance" => Self::Relevance,
            _ => return None,
        })
    }

    /// What rows are compared by: always a whole number, so that a position is exact. Ranks are
    /// rounded to a millionth; rows of one rank are told apart by their ids.
    const fn key(self) -> &'static str {
        match self {
            Self::Newest => "created_at",
            Self::PriceAscending | Self::PriceDescending => "price_amount",
            Self::Relevance => "(ts_rank(search, query) * 1000000)::bigint",
        }
    }

    const fn ascends(self) -> bool {
        matches!(self, Self::PriceAscending)
    }
}

/// Which products.
#[derive(Debug, Clone, Default)]
pub struct Filter<'a> {
    /// Words to find.
    pub search: Option<&'a str>,
    /// In one of these categories.
    pub categories: Option<&'a [String]>,
    /// One of these.
    pub ids: Option<&'a [Uuid]>,
    /// With one of these article numbers.
    pub skus: Option<&'a [String]>,
    /// Least minor units.
    pub min_price: Option<i64>,
    /// Most minor units.
    pub max_price: Option<i64>,
    /// With this class of stock.
    pub availability: Option<Availability>,
    /// In which order.
    pub sort: Sort,
    /// Where the page stands; `None` is the first one.
    pub place: Option<Place<Position>>,
    /// Most rows.
    pub limit: i64,
}

/// A row's place in its order: what rows are compared by, and the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position(i64, Uuid);

/// A page of products.
pub async fn list(
    connection: &mut PgConnection,
    filter: &Filter<'_>,
) -> sqlx::Result<Slice<Product, Position>> {
    let slice = fetch(connection, filter).await?;
    if slice.is_before_the_start(filter.place) {
        let first = Filter {
            place: None,
            ..filter.clone()
        };
        return fetch(connection, &first).await;
    }
    Ok(slice)
}

async fn fetch(
    connection: &mut PgConnection,
    filter: &Filter<'_>,
) -> sqlx::Result<Slice<Product, Position>> {
    let rows = statement("", filter).build().fetch_all(connection).await?;
    let products = rows.iter().map(|row| {
        let position = Position(row.try_get("position")?, row.try_get("id")?);
        Ok((Row::from_row(row)?.product()?, position))
    });
    let products = products.collect::<sqlx::Result<_>>()?;
    let limit = usize::try_from(filter.limit).unwrap_or(usize::MAX);
    Ok(Slice::of(products, filter.place, limit))
}

/// How Postgres would read the page: the plan of the very statement that [`list`] runs, as JSON.
pub async fn plan(pool: &PgPool, filter: &Filter<'_>) -> sqlx::Result<serde_json::Value> {
    statement("explain (format json) ", filter)
        .build_query_scalar()
        .fetch_one(pool)
        .await
}

/// The condition on stock of a class; see [`Availability::of`].
fn units(class: Availability) -> String {
    let available = "coalesce(available, 0)";
    match class {
        Availability::Out => format!("{available} <= 0"),
        Availability::Low => format!("{available} between 1 and {LOW_STOCK_MAX}"),
        Availability::InStock => format!("{available} > {LOW_STOCK_MAX}"),
    }
}

fn statement(prefix: &str, filter: &Filter<'_>) -> QueryBuilder<Postgres> {
    let key = filter.sort.key();
    let backwards = filter.place.is_some_and(|place| place.is_backwards());
    let ascends = filter.sort.ascends() != backwards;
    let (than, direction) = if ascends { (">", "asc") } else { ("<", "desc") };
    let mut sql = QueryBuilder::<Postgres>::new(prefix);
    sql.push(
        "select id, sku, name, description, category, price_amount, currency, image_url, active,
                version, created_at, updated_at, coalesce(available, 0) as available, ",
    );
    match filter.sort {
        Sort::Newest => sql.push("(extract(epoch from created_at) * 1000000)::bigint"),
        _ => sql.push(key),
    };
    sql.push(" as position from products left join inventory on product_id = id");
    if let Some(search) = filter.search {
        sql.push(", websearch_to_tsquery('english', ");
        sql.push_bind(search);
        sql.push(") as query where active and search @@ query");
    } else {
        sql.push(" where active");
    }
    match filter.categories {
        None => {}
        // Apart from the rest, since an index has the order of one category.
        Some([one]) => {
            sql.push(" and category = ").push_bind(one);
        }
        Some(several) => {
            sql.push(" and category = any (")
                .push_bind(several)
                .push(")");
        }
    }
    if let Some(ids) = filter.ids {
        sql.push(" and id = any (").push_bind(ids).push(")");
    }
    if let Some(skus) = filter.skus {
        sql.push(" and sku = any (").push_bind(skus).push(")");
    }
    if let Some(availability) = filter.availability {
        sql.push(" and ").push(units(availability));
    }
    if let Some(least) = filter.min_price {
        sql.push(" and price_amount >= ").push_bind(least);
    }
    if let Some(most) = filter.max_price {
        sql.push(" and price_amount <= ").push_bind(most);
    }
    if let Some(Position(value, id)) = filter.place.map(|place| *place.position()) {
        sql.push(format!(" and ({key}, id) {than} ("));
        match filter.sort {
            Sort::Newest => {
                let time = chrono::DateTime::from_timestamp_micros(value).unwrap_or_default();
                sql.push_bind(time);
            }
            _ => {
                sql.push_bind(value);
            }
        }
        sql.push(", ").push_bind(id).push(")");
    }
    sql.push(format!(
        " order by {key} {direction}, id {direction} limit "
    ));
    sql.push_bind(filter.limit.saturating_add(1));
    sql
}
