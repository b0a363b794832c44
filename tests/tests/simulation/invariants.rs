//! What must hold: limits at every step, everything else when all is quiet.

use serde_json::Value;
use sqlx::PgPool;

use crate::runner::Record;
use crate::world::{STOCK, World};

/// Tokens of the default plan.
const QUOTA: u64 = 1000;
/// Its window.
const WINDOW_MS: u64 = 60_000;

/// Nobody got more than the quota and the share of the time that passed.
pub(crate) fn limits(world: &World, record: &Record) -> Result<(), String> {
    let most = QUOTA + world.elapsed_ms() * QUOTA / WINDOW_MS;
    for (customer, admitted) in record.admitted.iter().enumerate() {
        if admitted.tokens > most {
            return Err(format!(
                "customer {customer} got {} of at most {most}",
                admitted.tokens
            ));
        }
    }
    Ok(())
}

/// What no row may ever be: its name, and how many rows are.
const NEVER: &[(&str, &str)] = &[
    (
        "an order a key",
        "select count(*) from (select order_id from idempotency_keys group by order_id
             having count(*) > 1) doubled",
    ),
    (
        "no order without its key",
        "select count(*) from orders o where not exists
             (select from idempotency_keys k where k.order_id = o.id)",
    ),
    (
        "no order without its created event, or with two",
        "select count(*) from orders o where 1 <> (select count(*) from outbox e
             where e.aggregate_id = o.id and e.type = 'order.created')",
    ),
    (
        "no settled order without its event, or with two",
        "select count(*) from orders o where
             (select count(*) from outbox e where e.aggregate_id = o.id
                and e.type in ('order.confirmed', 'payment.failed'))
             <> case when o.status in ('pending', 'processing') then 0 else 1 end
             and (o.status <> 'cancelled' or exists (select from outbox e
                where e.aggregate_id = o.id and e.type = 'payment.failed'))
             or (o.status = 'payment_failed') <> exists (select from outbox e
                where e.aggregate_id = o.id and e.type = 'payment.failed')",
    ),
    (
        "no cancelled order without its event, or with two, and the reverse",
        "select count(*) from orders o where
             (case when o.status = 'cancelled' then 1 else 0 end) <>
             (select count(*) from outbox e where e.aggregate_id = o.id
              and e.type = 'order.cancelled')",
    ),
    (
        "no refund without its event, or with two, and the reverse",
        "select count(*) from orders o where
             (select count(*) from payments p where p.order_id = o.id and p.status = 'refunded') <>
             (select count(*) from outbox e where e.aggregate_id = o.id
              and e.type = 'order.refunded')",
    ),
    (
        "what was paid for a cancelled order is paid back",
        "select count(*) from orders o join payments p on p.order_id = o.id
             where o.status = 'cancelled' and p.status <> 'refunded'",
    ),
    (
        "no order is left under way",
        "select count(*) from orders where status in ('pending', 'processing')
               and id in (select order_id from payments where method <> 'pm_card_unavailable')",
    ),
    (
        "every change of a product has its event",
        "select count(*) from products p where p.version - 1 >
             (select count(*) from outbox e where e.aggregate_id = p.id
              and e.type = 'product.updated')",
    ),
    (
        "nothing is put off for ever",
        "select count(*) from deliveries",
    ),
    (
        "no event without its order",
        "select count(*) from outbox e where e.type like 'order.%' and not exists
             (select from orders o where o.id = e.aggregate_id)",
    ),
    (
        "what was paid for a cancelled order is paid back",
        "select count(*) from payments p join orders o on o.id = p.order_id
             where o.status = 'cancelled' and p.status <> 'refunded'",
    ),
    (
        "no payment is a stray",
        "select count(*) from stray_charges",
    ),
    (
        "every confirmation was consumed once",
        "select count(*) from outbox e where e.type = 'order.confirmed' and not exists
             (select from inbox i where i.event_id = e.id and i.consumer = 'email')",
    ),
    (
        "reserved and sold are what orders say",
        "select count(*) from inventory i where
             i.reserved <> (select coalesce(sum(r.quantity), 0) from reservations r
                            where r.product_id = i.product_id and r.status = 'held')
             or i.sold <> (select coalesce(sum(r.quantity), 0) from reservations r
                           where r.product_id = i.product_id and r.status = 'sold')",
    ),
    (
        "whoever hears of products knows each one's class of stock",
        "select count(*) from inventory i where stock_class(i.available) <> coalesce(
                 (select e.payload ->> 'availability' from outbox e
                  where e.aggregate_id = i.product_id and e.type = 'product.updated'
                  order by e.seq desc limit 1), 'in_stock')",
    ),
];

/// Everything, when all is quiet.
pub(crate) async fn all(world: &World, record: &Record) -> Result<(), String> {
    limits(world, record)?;
    answers_are_orders(world, record).await?;
    for (name, sql) in NEVER {
        let broken = count(&world.pool, sql).await?;
        if broken != 0 {
            return Err(format!("{name}: {broken} rows break it"));
        }
    }
    stock_is_conserved(world).await?;
    charges_are_orders(world).await
}

async fn count(pool: &PgPool, sql: &'static str) -> Result<i64, String> {
    sqlx::query_scalar(sql)
        .fetch_one(pool)
        .await
        .map_err(|error| format!("{error}: {sql}"))
}

async fn stock_is_conserved(world: &World) -> Result<(), String> {
    let lost = sqlx::query_scalar::<_, i64>(
        "select count(*) from inventory where available + reserved + sold <> $1",
    )
    .bind(STOCK)
    .fetch_one(&world.pool)
    .await
    .map_err(|error| error.to_string())?;
    if lost == 0 {
        Ok(())
    } else {
        Err(format!("stock of {lost} products is not conserved"))
    }
}

/// A charge that succeeded belongs to one order that was confirmed, each, and the reverse; a refund to
/// one that was paid back.
async fn charges_are_orders(world: &World) -> Result<(), String> {
    for (what, ours, theirs) in [
        (
            "charged",
            "select reference from payments
             where status in ('succeeded', 'refund_pending', 'refunded') order by 1",
            "select reference from sandbox_charges where status = 'succeeded' order by 1",
        ),
        (
            "paid back",
            "select reference from payments where status = 'refunded' order by 1",
            "select reference from sandbox_refunds order by 1",
        ),
    ] {
        let ours = names(&world.pool, ours).await?;
        let theirs = names(&world.sandbox, theirs).await?;
        if ours != theirs {
            return Err(format!("{what}: we say {ours:?}, the provider {theirs:?}"));
        }
    }
    Ok(())
}

async fn names(pool: &PgPool, sql: &'static str) -> Result<Vec<String>, String> {
    sqlx::query_scalar(sql)
        .fetch_all(pool)
        .await
        .map_err(|error| format!("{error}: {sql}"))
}

/// Each intent that got 201 is one order of its own that was confirmed.
async fn answers_are_orders(world: &World, record: &Record) -> Result<(), String> {
    let mut created = 0;
    for seen in &record.seen {
        let Some(answer) = seen.answer.as_ref().filter(|answer| answer.status == 201) else {
            continue;
        };
        created += 1;
        let order: Value = serde_json::from_slice(&answer.body).map_err(|e| e.to_string())?;
        let confirmed = if seen.intent.old {
            "complete"
        } else {
            "confirmed"
        };
        if order["status"] != confirmed {
            return Err(format!("201 for an order that is not confirmed: {order}"));
        }
    }
    let confirmed = count(
        &world.pool,
        "select count(*) from outbox where type = 'order.confirmed'",
    )
    .await?;
    if confirmed == created {
        Ok(())
    } else {
        Err(format!(
            "{created} intents were told 201, {confirmed} orders were confirmed"
        ))
    }
}
