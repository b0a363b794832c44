//! Fills an empty shop with a catalogue and two people, the same on every machine; or with a team's
//! own catalogue, from a file.

pub mod catalogue;
pub mod import;
mod words;

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};

use serde_json::json;
use shared::id::UserId;
use sqlx::{PgConnection, PgPool, Postgres, Transaction};

use crate::platform::Platform;
use catalogue::{Entry, entry};

/// Products sent at once.
const CHUNK: u32 = 5000;
/// The advisory lock under which a shop is filled.
const SEED_LOCK: i64 = 0x6865_6164_7365_6501;
/// When the people registered: 1 January 2025, in Unix milliseconds.
const REGISTERED_MS: u64 = 1_735_689_600_000;

/// What a filled shop holds.
#[derive(Debug, Clone, Copy)]
pub struct Seeded {
    /// Products of the demo catalogue.
    pub products: u32,
    /// Ada, a customer.
    pub customer: UserId,
    /// An admin.
    pub admin: UserId,
}

/// The demo customer.
pub const fn customer() -> UserId {
    UserId::new(REGISTERED_MS, *b"ada-lovela")
}

/// The demo admin.
pub const fn admin() -> UserId {
    UserId::new(REGISTERED_MS, *b"grace-hopp")
}

/// Adds what is missing of the first `products` products; a shop that has them stays as it is.
pub async fn run(pool: &PgPool, platform: &Platform, products: u32) -> anyhow::Result<Seeded> {
    let mut transaction = alone(pool).await?;
    people(&mut transaction, platform).await?;
    let there: i64 = sqlx::query_scalar("select count(*) from products where sku like 'HG-______'")
        .fetch_one(&mut *transaction)
        .await?;
    let there = u32::try_from(there)?;
    let mut from = there;
    while from < products {
        let to = products.min(from.saturating_add(CHUNK));
        let entries: Vec<Entry> = (from..to).map(entry).collect();
        copy(&mut transaction, &entries).await?;
        progress(to, products);
        from = to;
    }
    transaction.commit().await?;
    if products > there {
        refresh_statistics(pool).await?;
    }
    Ok(Seeded {
        products: there.max(products),
        customer: customer(),
        admin: admin(),
    })
}

/// A transaction that may take its time, and that no other seeding runs beside.
async fn alone(pool: &PgPool) -> sqlx::Result<Transaction<'static, Postgres>> {
    let mut transaction = pool.begin().await?;
    for setting in [
        "set local statement_timeout = 0",
        "set local lock_timeout = '60s'",
        "set local idle_in_transaction_session_timeout = 0",
    ] {
        sqlx::query(setting).execute(&mut *transaction).await?;
    }
    sqlx::query("select pg_advisory_xact_lock($1)")
        .bind(SEED_LOCK)
        .execute(&mut *transaction)
        .await?;
    Ok(transaction)
}

/// Fresh statistics, so that the first queries are planned for what is there; and nothing of the
/// search index is left waiting for the first searches to sort it in.
async fn refresh_statistics(pool: &PgPool) -> sqlx::Result<()> {
    let mut connection = pool.acquire().await?;
    // Over a full table it may take longer than a request's statement.
    for statement in [
        "set statement_timeout = 0",
        "vacuum analyze products, inventory",
        "reset statement_timeout",
    ] {
        sqlx::query(statement).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn people(connection: &mut PgConnection, platform: &Platform) -> sqlx::Result<()> {
    let address = json!({"name": "Ada Lovelace", "line1": "12 St James's Square",
        "city": "London", "postal_code": "SW1Y 4JH", "country": "GB"});
    for (id, email, name, role, address) in [
        (
            customer(),
            "ada@example.com",
            "Ada Lovelace",
            "customer",
            Some(address),
        ),
        (admin(), "grace@example.com", "Grace Hopper", "admin", None),
    ] {
        sqlx::query(
            "insert into users (id, email, name, role, address, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $6) on conflict do nothing",
        )
        .bind(id.uuid())
        .bind(email)
        .bind(name)
        .bind(role)
        .bind(address)
        .bind(platform.now())
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

async fn copy(connection: &mut PgConnection, entries: &[Entry]) -> anyhow::Result<()> {
    let mut products = String::new();
    let mut stock = String::new();
    for entry in entries {
        let id = entry.id.uuid();
        let added = entry.added.to_rfc3339();
        writeln!(
            products,
            "{id}\t{}\t{}\t{}\t{}\t{}\tUSD\t{added}\t{added}",
            entry.sku, entry.name, entry.description, entry.category, entry.price
        )?;
        writeln!(stock, "{id}\t{}", entry.stock)?;
    }
    let mut into = connection
        .copy_in_raw(
            "copy products (id, sku, name, description, category, price_amount, currency,
                            created_at, updated_at) from stdin",
        )
        .await?;
    into.send(products.into_bytes()).await?;
    into.finish().await?;
    let mut into = connection
        .copy_in_raw("copy inventory (product_id, available) from stdin")
        .await?;
    into.send(stock.into_bytes()).await?;
    into.finish().await?;
    Ok(())
}

fn progress(done: u32, all: u32) {
    let mut err = std::io::stderr();
    if err.is_terminal() {
        let end = if done == all { "\n" } else { "" };
        // A terminal that is gone is no reason to stop.
        let _ = write!(err, "\rseeding products: {done} of {all}{end}");
        let _ = err.flush();
    }
}
