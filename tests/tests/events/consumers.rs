//! Consumers whose effects are rows that can be counted: nothing in the table keeps one from coming
//! twice, or out of order.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use origin::events::{Consumer, Failure};
use origin::store::outbox::Delivery;
use shared::event::EventType;
use sqlx::{PgConnection, PgPool};

/// Its effects are in `place`'s order.
const TABLE: &str = "create table effects (
    consumer text not null,
    event_id uuid not null,
    aggregate_id uuid not null,
    number bigint not null,
    place bigint generated always as identity
)";

/// The four of them: name, events a transaction, events at once, and whether some of its deliveries fail.
const CONSUMERS: [(&str, usize, usize, bool); 4] = [
    ("one-by-one", 1, 1, false),
    ("in-batches", 100, 1, false),
    ("failing-side-by-side", 1, 4, true),
    ("failing-in-batches", 500, 1, true),
];
/// One of so many events fails at first.
const FAILURES: i64 = 97;
/// Before what failed is tried again.
const PAUSE: Duration = Duration::from_millis(50);

/// A consumer that writes down what it gets.
#[derive(Debug)]
struct Rows {
    name: &'static str,
    batch: usize,
    concurrency: usize,
    fails: bool,
}

#[async_trait]
impl Consumer for Rows {
    fn name(&self) -> &'static str {
        self.name
    }

    fn kinds(&self) -> &'static [EventType] {
        &[EventType::ProductUpdated]
    }

    fn batch_max(&self) -> usize {
        self.batch
    }

    fn concurrency(&self) -> usize {
        self.concurrency
    }

    async fn deliver(
        &self,
        delivery: &Delivery,
        connection: &mut PgConnection,
    ) -> anyhow::Result<()> {
        self.deliver_all(std::slice::from_ref(delivery), connection)
            .await
    }

    async fn deliver_all(
        &self,
        deliveries: &[Delivery],
        connection: &mut PgConnection,
    ) -> anyhow::Result<()> {
        let number = |delivery: &Delivery| delivery.event.data["number"].as_i64().unwrap_or(-1);
        sqlx::query(
            "insert into effects (consumer, event_id, aggregate_id, number)
             select $1, * from unnest($2::uuid[], $3::uuid[], $4::bigint[])",
        )
        .bind(self.name)
        .bind(
            deliveries
                .iter()
                .map(|one| one.event.id.uuid())
                .collect::<Vec<_>>(),
        )
        .bind(
            deliveries
                .iter()
                .map(|one| one.aggregate)
                .collect::<Vec<_>>(),
        )
        .bind(deliveries.iter().map(number).collect::<Vec<_>>())
        .execute(connection)
        .await?;
        // Behind the effect, so that it has to be undone.
        let bad = |one: &Delivery| one.attempts == 0 && number(one) % FAILURES == 0;
        if self.fails && deliveries.iter().any(bad) {
            return Err(Failure::after(PAUSE, anyhow::anyhow!("told to fail")));
        }
        Ok(())
    }
}

/// All four.
pub(crate) fn all() -> Vec<Arc<dyn Consumer>> {
    CONSUMERS
        .into_iter()
        .map(|(name, batch, concurrency, fails)| -> Arc<dyn Consumer> {
            Arc::new(Rows {
                name,
                batch,
                concurrency,
                fails,
            })
        })
        .collect()
}

/// Makes their table, and subscribes them from here on. Nobody else hears of anything.
pub(crate) async fn subscribe(pool: &PgPool) -> sqlx::Result<()> {
    sqlx::raw_sql(TABLE).execute(pool).await?;
    sqlx::query("delete from subscriptions")
        .execute(pool)
        .await?;
    let names = CONSUMERS.map(|(name, ..)| name);
    sqlx::query(
        "insert into subscriptions (consumer, tick_id)
         select name, (select max(id) from ticks) from unnest($1::text[]) as subscribed (name)",
    )
    .bind(names.to_vec())
    .execute(pool)
    .await?;
    Ok(())
}

/// What is wrong with the effects of so many events, if anything is.
pub(crate) async fn faults(pool: &PgPool, events: i64) -> sqlx::Result<Vec<String>> {
    let mut faults = Vec::new();
    for (name, ..) in CONSUMERS {
        let (all, distinct, disordered): (i64, i64, i64) = sqlx::query_as(
            "select count(*), count(distinct event_id),
                    count(*) filter (where number <= before)
             from (select event_id, number,
                       lag(number) over (partition by aggregate_id order by place) as before
                   from effects where consumer = $1) told",
        )
        .bind(name)
        .fetch_one(pool)
        .await?;
        if (all, distinct, disordered) != (events, events, 0) {
            faults.push(format!(
                "{name}: {all} effects of {distinct} events, of {events}; {disordered} out of order"
            ));
        }
    }
    let dead: i64 = sqlx::query_scalar("select count(*) from dead_letters")
        .fetch_one(pool)
        .await?;
    if dead > 0 {
        faults.push(format!("{dead} dead letters"));
    }
    Ok(faults)
}

/// How many effects there are.
pub(crate) async fn count(pool: &PgPool) -> sqlx::Result<i64> {
    sqlx::query_scalar("select count(*) from effects")
        .fetch_one(pool)
        .await
}
