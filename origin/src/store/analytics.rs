//! Sums by day.

use chrono::{Datelike, NaiveDate};
use serde::Serialize;
use shared::id::OrderId;
use shared::money::Money;
use sqlx::{FromRow, PgConnection, PgPool};

use crate::store::page::{Place, Slice};

/// What is added to a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// Orders that were paid.
    pub orders: i64,
    /// What was paid for them.
    pub revenue: i64,
    /// Orders that were called off.
    pub cancelled: i64,
    /// Orders that were paid back.
    pub refunded: i64,
    /// What was paid back.
    pub refunds: i64,
}

/// Adds to a day what became of an order, unless that order was placed in test mode.
pub async fn count(
    connection: &mut PgConnection,
    order: OrderId,
    day: NaiveDate,
    currency: &str,
    counted: Counted,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into analytics_daily (day, currency, orders, revenue, cancelled, refunded, refunds)
         select $1, $2, $3, $4, $5, $6, $7 from orders where id = $8 and mode = 'live'
         on conflict (day, currency) do update
         set orders = analytics_daily.orders + excluded.orders,
             revenue = analytics_daily.revenue + excluded.revenue,
             cancelled = analytics_daily.cancelled + excluded.cancelled,
             refunded = analytics_daily.refunded + excluded.refunded,
             refunds = analytics_daily.refunds + excluded.refunds",
    )
    .bind(day)
    .bind(currency)
    .bind(counted.orders)
    .bind(counted.revenue)
    .bind(counted.cancelled)
    .bind(counted.refunded)
    .bind(counted.refunds)
    .bind(order.uuid())
    .execute(connection)
    .await?;
    Ok(())
}

/// Adds views of products to a day.
pub async fn view(pool: &PgPool, day: NaiveDate, views: i64) -> sqlx::Result<()> {
    sqlx::query(
        "insert into analytics_views (day, views) values ($1, $2)
         on conflict (day) do update set views = analytics_views.views + excluded.views",
    )
    .bind(day)
    .bind(views)
    .execute(pool)
    .await?;
    Ok(())
}

/// Makes the sums anew, of every day that the log still holds, from what the consumer has done. The
/// first such day; `None` if the log is empty. The consumer waits meanwhile.
pub async fn rebuild(pool: &PgPool) -> sqlx::Result<Option<NaiveDate>> {
    let mut transaction = pool.begin().await?;
    // It takes as long as a month of events does.
    sqlx::query("set local statement_timeout to 0")
        .execute(&mut *transaction)
        .await?;
    // Behind this lock, what the consumer has counted and what its inbox holds is the same: it counts
    // first, so it can be between the two only with the lock that this one waits for.
    sqlx::query("lock table analytics_daily in exclusive mode")
        .execute(&mut *transaction)
        .await?;
    let first: Option<NaiveDate> = sqlx::query_scalar(
        "select (made_at(id) at time zone 'UTC')::date from outbox order by id limit 1",
    )
    .fetch_optional(&mut *transaction)
    .await?;
    let Some(first) = first else {
        return Ok(None);
    };
    sqlx::query("delete from analytics_daily where day >= $1")
        .bind(first)
        .execute(&mut *transaction)
        .await?;
    sqlx::query(
        "insert into analytics_daily (day, currency, orders, revenue, cancelled, refunded, refunds)
         select (made_at(outbox.id) at time zone 'UTC')::date,
                payload -> 'total' ->> 'currency',
                count(*) filter (where type = 'order.confirmed'),
                coalesce(sum((payload -> 'total' ->> 'amount')::bigint)
                    filter (where type = 'order.confirmed'), 0),
                count(*) filter (where type = 'order.cancelled'),
                count(*) filter (where type = 'order.refunded'),
                coalesce(sum((payload -> 'total' ->> 'amount')::bigint)
                    filter (where type = 'order.refunded'), 0)
         from outbox join inbox on inbox.consumer = 'analytics' and inbox.event_id = outbox.id
              join orders on orders.id = outbox.aggregate_id and orders.mode = 'live'
         where type in ('order.confirmed', 'order.cancelled', 'order.refunded')
         group by 1, 2",
    )
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(Some(first))
}

/// A day, as admins see it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct AnalyticsDay {
    /// Always `analytics_day`.
    #[schema(pattern = "^analytics_day$")]
    pub object: &'static str,
    /// The day, in UTC.
    #[schema(format = Date, max_length = 10)]
    pub date: String,
    /// Orders that were paid.
    #[schema(minimum = 0)]
    pub orders: i64,
    /// What was paid for them, a currency.
    #[schema(max_items = 200)]
    pub revenue: Vec<Money>,
    /// Orders that were called off.
    #[schema(minimum = 0)]
    pub cancelled: i64,
    /// Orders that were paid back.
    #[schema(minimum = 0)]
    pub refunded: i64,
    /// What was paid back for them, a currency.
    #[schema(max_items = 200)]
    pub refunds: Vec<Money>,
    /// How often a product was looked at, as the edge has counted: an estimate, never too high.
    #[schema(minimum = 0)]
    pub product_views: i64,
    /// Orders by views; null without views.
    #[schema(minimum = 0)]
    pub conversion: Option<f64>,
}

#[derive(FromRow)]
struct Row {
    day: NaiveDate,
    orders: i64,
    cancelled: i64,
    refunded: i64,
    views: i64,
    sums: sqlx::types::Json<Vec<(String, i64, i64)>>,
}

impl Row {
    fn shown(self) -> AnalyticsDay {
        let money = |currency: &str, amount: i64| {
            let currency = serde_json::from_value(currency.into()).ok()?;
            (amount > 0).then_some(Money { amount, currency })
        };
        #[expect(
            clippy::cast_precision_loss,
            reason = "a ratio of counts that are far below 2^53"
        )]
        let conversion = (self.views > 0).then(|| self.orders as f64 / self.views as f64);
        AnalyticsDay {
            object: "analytics_day",
            date: self.day.to_string(),
            orders: self.orders,
            revenue: self
                .sums
                .iter()
                .filter_map(|(currency, revenue, _)| money(currency, *revenue))
                .collect(),
            cancelled: self.cancelled,
            refunded: self.refunded,
            refunds: self
                .sums
                .iter()
                .filter_map(|(currency, _, refunds)| money(currency, *refunds))
                .collect(),
            product_views: self.views,
            conversion,
        }
    }
}

/// Which days.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// The first.
    pub from: NaiveDate,
    /// The last.
    pub to: NaiveDate,
}

/// Where a page ended: a day, counted from the first of year 1.
pub type Position = i32;

/// A page of days on which something happened, the newest first.
pub async fn list(
    connection: &mut PgConnection,
    span: Span,
    place: Option<Place<Position>>,
    limit: i64,
) -> sqlx::Result<Slice<AnalyticsDay, Position>> {
    let backwards = place.is_some_and(|place| place.is_backwards());
    let (mut from, mut to) = (span.from, span.to);
    let day = |number: i32| NaiveDate::from_num_days_from_ce_opt(number);
    match place {
        Some(Place::After(number)) => {
            to = day(number.saturating_sub(1)).map_or(to, |day| to.min(day));
        }
        Some(Place::Before(number)) => {
            from = day(number.saturating_add(1)).map_or(from, |day| from.max(day));
        }
        None => {}
    }
    let rows: Vec<Row> = sqlx::query_as(
        "select day, coalesce(sum(orders), 0)::bigint as orders,
             coalesce(sum(cancelled), 0)::bigint as cancelled,
             coalesce(sum(refunded), 0)::bigint as refunded,
             coalesce(max(views), 0) as views,
             coalesce(jsonb_agg(jsonb_build_array(currency, revenue, refunds) order by currency)
                 filter (where currency is not null), '[]') as sums
         from analytics_daily full join analytics_views using (day)
         where day between $1 and $2
         group by day
         order by case when $3 then day end asc, day desc limit $4",
    )
    .bind(from)
    .bind(to)
    .bind(backwards)
    .bind(limit.saturating_add(1))
    .fetch_all(connection)
    .await?;
    let rows = rows.into_iter().map(|row| {
        let position = row.day.num_days_from_ce();
        (row.shown(), position)
    });
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    Ok(Slice::of(rows.collect(), place, limit))
}
