//! Lists of products, by keyset: the next page starts behind a position, not at an offset, so that
//! no row comes twice or is skipped while others write.

use serde::{Deserialize, Serialize};
use shared::product::Product;
use sqlx::{FromRow, PgPool, Postgres, QueryBuilder, Row as _};
use uuid::Uuid;

use super::Row;

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Created last, first.
    Newest,
    /// Cheapest first.
    PriceAscending,
    /// Dearest first.
    PriceDescending,
    /// Best match of the search first.
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
#[derive(Debug, Clone)]
pub struct Filter<'a> {
    /// Words to find.
    pub search: Option<&'a str>,
    /// One category.
    pub category: Option<&'a str>,
    /// Least minor units.
    pub min_price: Option<i64>,
    /// Most minor units.
    pub max_price: Option<i64>,
    /// In which order.
    pub sort: Sort,
    /// Behind which row.
    pub after: Option<Position>,
    /// Most rows.
    pub limit: i64,
}

/// Where a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position(i64, Uuid);

/// The rows of a page, and the position of the last one if more follow.
pub async fn list(
    pool: &PgPool,
    filter: &Filter<'_>,
) -> sqlx::Result<(Vec<Product>, Option<Position>)> {
    let key = filter.sort.key();
    let direction = if filter.sort.ascends() { "asc" } else { "desc" };
    let mut sql = QueryBuilder::<Postgres>::new(
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
    if let Some(category) = filter.category {
        sql.push(" and category = ").push_bind(category);
    }
    if let Some(least) = filter.min_price {
        sql.push(" and price_amount >= ").push_bind(least);
    }
    if let Some(most) = filter.max_price {
        sql.push(" and price_amount <= ").push_bind(most);
    }
    if let Some(Position(value, id)) = filter.after {
        let than = if filter.sort.ascends() { ">" } else { "<" };
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
    let mut rows = sql.build().fetch_all(pool).await?;
    let limit = usize::try_from(filter.limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = match rows.last() {
        Some(row) if more => Some(Position(row.try_get("position")?, row.try_get("id")?)),
        _ => None,
    };
    let products = rows.iter().map(|row| Row::from_row(row)?.product());
    Ok((products.collect::<sqlx::Result<_>>()?, last))
}
