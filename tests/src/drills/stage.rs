//! The shop that drills break, and what can be asked of it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::task::block_in_place;
use xtask::cluster::{self, Deployment, Part};
use xtask::progress::Progress;
use xtask::secrets::Secrets;
use xtask::tools::Tools;

use super::client::{Client, Reply};
use super::disk::Disk;
use crate::wait::{Stopwatch, try_until};

/// Products in the catalogue.
const PRODUCTS: u64 = 200;
/// Longest that the shop may take until all is well again.
pub const RECOVERY_MAX: Duration = Duration::from_secs(30);
/// For how long that is waited for, so that what is too slow can be told by how much.
const RECOVERY_SECONDS: u64 = 60;
/// What the consumers that reach their effects without anybody else's doing may take in a quiet shop.
const EFFECTS_SECONDS: u64 = 60;

/// What a stage is built from.
#[derive(Debug)]
pub struct Props {
    /// The tools.
    pub tools: Tools,
    /// Origin and provider.
    pub programs: xtask::origin::Programs,
    /// The folder of the built edge.
    pub edge: PathBuf,
    /// An empty folder.
    pub folder: PathBuf,
    /// Whether the primary gets a small disk of its own, where one can be mounted.
    pub small_disk: bool,
}

/// A running shop, and those who use it.
#[derive(Debug)]
pub struct Stage {
    /// Its parts.
    pub deployment: Deployment,
    /// A customer.
    pub client: Client,
    /// An admin.
    pub admin: Client,
    /// Orders that got their final answer: ids by keys.
    ordered: BTreeMap<String, String>,
    number: AtomicUsize,
    /// What the first primary writes to, where a small one could be mounted. Goes last.
    pub(super) disk: Option<Disk>,
    has_moved: bool,
}

impl Stage {
    /// Starts it.
    pub async fn start(props: Props, progress: Progress) -> Result<Self> {
        let options = cluster::Options {
            tools: props.tools,
            programs: props.programs,
            edge: props.edge,
            folder: props.folder,
            ephemeral: true,
            products: PRODUCTS,
            edge_ports: Vec::new(),
            origin_ports: Vec::new(),
            secrets: Secrets::generate()?,
        };
        let small = props.small_disk.then(|| options.folder.join("primary"));
        let disk = match small {
            Some(folder) => block_in_place(|| Disk::mount(&folder))?,
            None => None,
        };
        let deployment = block_in_place(|| Deployment::start(options, progress))?;
        let edges: Vec<_> = (0..cluster::EACH)
            .map(|edge| deployment.edge_url(edge))
            .collect();
        let people = deployment.people().clone();
        let fresh = Client::new(edges, &people.customer_token)?;
        execute(
            &deployment.database_url(),
            "update inventory set available = 1000000",
        )
        .await?;
        let client = try_until(RECOVERY_SECONDS, "the shop's first list", async || {
            fresh.clone().choosing().await.ok()
        })
        .await?;
        let stage = Self {
            deployment,
            admin: client.with_token(&people.admin_token),
            client,
            ordered: BTreeMap::new(),
            number: AtomicUsize::new(0),
            disk,
            has_moved: false,
        };
        stage.recovered(&Stopwatch::start()).await?;
        Ok(stage)
    }

    /// Another number each time.
    pub fn number(&self) -> usize {
        self.number.fetch_add(1, Ordering::Relaxed)
    }

    /// A path that nobody has asked for, so that its answer comes from an origin.
    pub fn unseen(&self) -> String {
        unseen(self.number())
    }

    /// Waits until all is well again, and says how long that took since the start of the watch.
    pub async fn recovered(&self, watch: &Stopwatch) -> Result<Duration> {
        try_until(RECOVERY_SECONDS, "all is well again", async || {
            self.is_well().await
        })
        .await?;
        let took = watch.elapsed();
        ensure!(took < RECOVERY_MAX, "it took {} ms", took.as_millis());
        Ok(took)
    }

    /// Whether each edge answers a read of a copy, one that needs an origin, and one of the caller's own, each
    /// at the first try.
    async fn is_well(&self) -> Option<()> {
        for edge in 0..self.client.edges() {
            let copy = self.client.get(edge, &self.client.product()).await;
            let list = self.client.get(edge, &self.unseen()).await;
            let own = self.client.get_own(edge, "/v2/orders?limit=1").await;
            if ![copy, list, own].iter().all(Reply::is_good) {
                return None;
            }
        }
        Some(())
    }

    /// The same, and an order through each edge at the first try, whose effects are there.
    pub async fn works(&mut self, watch: &Stopwatch) -> Result<Duration> {
        self.recovered(watch).await?;
        for edge in 0..self.client.edges() {
            let key = self.key();
            let first = try_until(RECOVERY_SECONDS, "an order", async || {
                let reply = self.client.order(edge, &key).await;
                reply.is_good().then_some(reply)
            });
            let first = first.await?;
            self.note(&key, &first)?;
        }
        self.effects_are_there().await?;
        let took = watch.elapsed();
        ensure!(took < RECOVERY_MAX, "it took {} ms", took.as_millis());
        Ok(took)
    }

    /// A key that nobody has used.
    pub fn key(&self) -> String {
        format!("drill-{}", self.number())
    }

    /// Keeps what became of a key; the same key must always get the same order.
    pub fn note(&mut self, key: &str, reply: &Reply) -> Result<()> {
        ensure!(reply.is_good(), "{key} ended in {reply:?}");
        let id = reply.body["id"]
            .as_str()
            .context("an order without an id")?;
        if let Some(known) = self.ordered.insert(key.to_owned(), id.to_owned()) {
            ensure!(known == id, "{key} was {known} and is {id}");
        }
        Ok(())
    }

    /// Orders under each of these keys until the answers are final.
    pub async fn settle(&mut self, keys: &[String]) -> Result<()> {
        for key in keys {
            let called = self.client.ordered(self.number(), key).await;
            self.note(key, &called.reply)?;
        }
        Ok(())
    }

    /// Whether there is one order and one charge for each key, and nothing is left half done.
    pub async fn books_agree(&self) -> Result<()> {
        let shop = self.deployment.database_url();
        let wanted = i64::try_from(self.ordered.len())?;
        let book = self.deployment.book_url();
        let charged = "select count(*) from sandbox_charges where status = 'succeeded'";
        let found = [
            (
                "orders",
                number(&shop, "select count(*) from orders").await?,
            ),
            ("charges", number(&book, charged).await?),
            (
                "confirmed",
                number(
                    &shop,
                    "select count(*) from orders where status = 'confirmed'",
                )
                .await?,
            ),
            (
                "sold",
                number(&shop, "select sum(sold)::bigint from inventory").await?,
            ),
        ];
        for (what, found) in found {
            ensure!(found == wanted, "{wanted} keys, and {found} {what}");
        }
        let reserved = number(&shop, "select sum(reserved)::bigint from inventory").await?;
        ensure!(reserved == 0, "{reserved} are reserved for nobody");
        Ok(())
    }

    /// Waits until each order that was confirmed by now has its mail and its place in the sums.
    pub async fn effects_are_there(&self) -> Result<()> {
        let url = self.deployment.database_url();
        let now = text(&url, "select now()::text").await?;
        let sql = format!(
            "select count(*) from outbox o cross join (values ('email'), ('analytics')) c(name) \
             where o.type = 'order.confirmed' and o.created_at <= '{now}' and not exists \
             (select 1 from inbox i where i.event_id = o.id and i.consumer = c.name)"
        );
        try_until(EFFECTS_SECONDS, "all effects", async || {
            (number(&url, &sql).await.ok()? == 0).then_some(())
        })
        .await
    }

    /// Waits until the replica has all that the primary had when it was asked.
    pub async fn replica_follows(&self) -> Result<()> {
        let here = text(
            &self.deployment.database_url(),
            "select pg_current_wal_insert_lsn()::text",
        )
        .await?;
        let sql = format!("select (pg_last_wal_replay_lsn() >= '{here}')::int::bigint");
        let url = self.deployment.standby_url();
        try_until(RECOVERY_SECONDS, "the replica follows", async || {
            (number(&url, &sql).await.ok()? == 1).then_some(())
        })
        .await
    }

    /// Kills a part.
    pub fn kill(&mut self, part: Part) {
        block_in_place(|| self.deployment.kill(part));
    }

    /// Starts it again.
    pub fn restart(&mut self, part: Part) -> Result<()> {
        block_in_place(|| self.deployment.restart(part))
    }

    /// The standby takes over.
    pub fn promote(&mut self) -> Result<()> {
        self.has_moved = true;
        block_in_place(|| self.deployment.promote())
    }

    /// Whether the primary is no longer the first one.
    pub fn has_moved(&self) -> bool {
        self.has_moved
    }

    /// The price of the product that is read, as an edge says it.
    pub async fn price(&self, edge: usize) -> Option<i64> {
        let read = self.client.get(edge, &self.client.product()).await;
        read.body["price"]["amount"].as_i64()
    }
}

/// A path of a list that no other number has.
pub fn unseen(number: usize) -> String {
    format!("/v2/products?limit=5&max_price={}", 50_000_000 + number)
}

/// A number from a database.
pub async fn number(url: &str, sql: &str) -> Result<i64> {
    let mut connection = PgConnection::connect(url).await?;
    let found = sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(&mut connection)
        .await;
    connection.close().await?;
    Ok(found?)
}

async fn text(url: &str, sql: &str) -> Result<String> {
    let mut connection = PgConnection::connect(url).await?;
    let found = sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(&mut connection)
        .await;
    connection.close().await?;
    Ok(found?)
}

/// Runs statements in a database.
pub async fn execute(url: &str, sql: &str) -> Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut connection)
        .await?;
    connection.close().await?;
    Ok(())
}

/// A member of what a command printed with `--json`.
pub fn member<'a>(document: &'a Value, name: &str) -> Result<&'a str> {
    document[name]
        .as_str()
        .with_context(|| format!("{document} has no {name}"))
}
