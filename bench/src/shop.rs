//! The real shop that is measured: a database, the seeded catalogue, the origin.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use serde_json::Value;
use shared::id::ProductId;
use shared::money::Money;
use shared::order::{Address, NewItem, NewOrder};
use sqlx::{Connection, PgConnection, Row};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use uuid::Uuid;
use xtask::postgres::{Cluster, Options};
use xtask::process::{self, Running, Signal};
use xtask::progress::Progress;
use xtask::sandbox::{self, Sandbox};
use xtask::tools::Tools;
use xtask::wait;

use crate::cpu::Watched;

/// The hand-over's keys and the derivation key. Everything listens on loopback and is thrown away,
/// so they need not be secret.
pub(crate) const ASSERTION_KEYS: &str = "bench:YmVuY2htYXJrcyBoYXZlIG5vIHNlY3JldHMgYXQgYWw";
const DERIVATION_KEY: &str = "YmVuY2htYXJrcyBoYXZlIG5vIHNlY3JldHMgYXQgYWw";

/// The whole catalogue, since an index's depth is part of a read.
const PRODUCTS: u32 = 50_000;
/// How many products and orders the load goes through, in turn. Prime, so that the answers which
/// are looked at go through all of them too.
const RESOURCES: i64 = 61;
/// So much stock that no run sells out.
const STOCK: i32 = 1_000_000_000;
/// Longer than all benchmarks take.
const TOKEN_SECONDS: u32 = 4 * 60 * 60;
/// Longest start of the origin.
const START_MAX: Duration = Duration::from_secs(30);

const FIX: &str = "The origin's command failed; its words above say why.";

/// Something that is read.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    /// Without the version.
    pub(crate) path: String,
    /// As the origin sends it.
    pub(crate) body: Bytes,
    pub(crate) etag: String,
}

/// A product that is ordered.
#[derive(Debug, Clone)]
pub(crate) struct Product {
    pub(crate) id: ProductId,
    pub(crate) price: i64,
    pub(crate) currency: String,
}

/// The answer to one order, of which the statements keep a copy.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sample {
    /// Fields that a replay repeats.
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

/// A running shop. Dropping it ends it, and all that it made is gone then: the database is always
/// one of its own, since what is measured fills it with orders.
pub(crate) struct Shop {
    pub(crate) origin_url: String,
    pub(crate) database_url: String,
    /// What the database is, for the report.
    pub(crate) database: String,
    pub(crate) customer: String,
    pub(crate) customer_token: String,
    pub(crate) admin_token: String,
    pub(crate) address: Address,
    pub(crate) products: Vec<Product>,
    pub(crate) sample_order: Sample,
    /// Keeps this run's idempotency keys apart from the shop's own.
    pub(crate) run_id: String,
    program: PathBuf,
    runtime: Runtime,
    postgres_pid: u32,
    // In the order in which they end.
    origin: Running,
    provider: Sandbox,
    _cluster: Cluster,
    folder: TempDir,
}

impl Shop {
    /// Builds the origin, makes a database, seeds it and starts the origin's API.
    pub(crate) fn open(tools: &Tools, progress: Progress) -> Result<Self> {
        let programs = build(tools, progress)?;
        let folder = tempfile::tempdir()?;
        let cluster = Options {
            folder: folder.path().join("postgres"),
            log: folder.path().join("postgres.log"),
            ephemeral: false,
        };
        let mut cluster = progress.step("Postgres", || Cluster::start(tools, &cluster))?;
        let postgres_pid = cluster.running().pid();
        let database_url = cluster.url();
        let provider = sandbox::Options {
            program: &programs.join("sandbox"),
            database_url: &sandbox::database_url(&database_url),
            log: &folder.path().join("sandbox.log"),
            port: 0,
            tells: None,
        }
        .start()?;
        let program = programs.join("origin");
        let command =
            |arguments: &[&str]| command(&program, &database_url, &provider.url, arguments);
        let ask = |arguments: &[&str]| -> Result<Value> {
            let said = process::run(arguments[0], &mut command(arguments), FIX)?;
            Ok(serde_json::from_str(&said).unwrap_or_default())
        };
        let count = PRODUCTS.to_string();
        let seeded = progress.step("50,000 products", || {
            ask(&["migrate", "--json"])?;
            ask(&["seed", "--products", &count, "--json"])
        })?;
        let customer = member(&seeded, "customer")?;
        let seconds = TOKEN_SECONDS.to_string();
        let token = |sub: &str, role: &str| {
            let ttl = ["--ttl", &seconds, "--json"];
            let arguments = [&["token", "--sub", sub, "--role", role], &ttl[..]].concat();
            member(&ask(&arguments)?, "token")
        };
        let customer_token = token(&customer, "customer")?;
        let admin_token = token(&member(&seeded, "admin")?, "admin")?;

        let log = folder.path().join("origin.log");
        let mut serve = command(&["serve", "--listen", "127.0.0.1:0"]);
        let mut origin = Running::start("origin", &mut serve, &log, Signal::TERM)?;
        let listen = wait::until(START_MAX, "the origin to be ready", || {
            origin.check()?;
            Ok(ready(&std::fs::read_to_string(&log)?))
        })?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (products, database) = runtime.block_on(prepare(&database_url))?;
        let mut shop = Self {
            origin_url: format!("http://{listen}"),
            database_url,
            database,
            customer,
            customer_token,
            admin_token,
            program,
            address: Address {
                name: "Ada Lovelace".into(),
                line1: "12 St James's Square".into(),
                line2: None,
                city: "London".into(),
                state: None,
                postal_code: "SW1Y 4JH".into(),
                country: "GB".into(),
            },
            products,
            sample_order: Sample::default(),
            run_id: "bench".into(),
            runtime,
            postgres_pid,
            origin,
            provider,
            _cluster: cluster,
            folder,
        };
        shop.sample_order = shop.place_order("sample")?;
        Ok(shop)
    }

    /// Where the origin listens.
    pub(crate) fn origin_address(&self) -> Result<SocketAddr> {
        Ok(self.origin_url.trim_start_matches("http://").parse()?)
    }

    /// A command of the shop's origin.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        command(
            &self.program,
            &self.database_url,
            &self.provider.url,
            arguments,
        )
    }

    /// A folder that goes with the shop.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Whose processor time an order takes: the database's, and the origin's if it takes part.
    pub(crate) fn watched(&self, origin: bool) -> Vec<Watched> {
        let origin = origin.then(|| Watched {
            name: "origin",
            pid: self.origin.pid(),
        });
        let postgres = Watched {
            name: "postgres",
            pid: self.postgres_pid,
        };
        origin.into_iter().chain([postgres]).collect()
    }

    /// The products as the origin shows them.
    pub(crate) fn product_resources(&self) -> Result<Vec<Resource>> {
        self.products
            .iter()
            .map(|product| self.read(format!("/products/{}", product.id)))
            .collect()
    }

    /// As many orders, placed for the purpose.
    pub(crate) fn order_resources(&self) -> Result<Vec<Resource>> {
        (0..RESOURCES)
            .map(|number| {
                let sample = self.place_order(&format!("read-{number}"))?;
                let order: Value = serde_json::from_slice(&sample.body)?;
                self.read(format!("/orders/{}", member(&order, "id")?))
            })
            .collect()
    }

    /// The body of an order for one unit.
    pub(crate) fn order_body(&self, product: &Product) -> Result<Vec<u8>> {
        let order = NewOrder {
            items: vec![NewItem {
                product_id: product.id,
                quantity: 1,
            }],
            payment_method: "pm_card_visa".into(),
            expected_total: Some(Money {
                amount: product.price,
                currency: product.currency.parse()?,
            }),
            shipping_address: self.address.clone(),
            note: None,
        };
        Ok(serde_json::to_vec(&order)?)
    }

    /// The ids of all products that are on sale.
    pub(crate) fn all_products(&self) -> Result<Vec<String>> {
        let query = sqlx::query_scalar("select id from products where active order by id");
        let ids: Vec<Uuid> = self.runtime.block_on(async {
            let mut connection = PgConnection::connect(&self.database_url).await?;
            query.fetch_all(&mut connection).await
        })?;
        let shown = ids.into_iter().map(ProductId::from_uuid);
        Ok(shown.map(|id| id.to_string()).collect())
    }

    /// How many orders are paid.
    pub(crate) fn confirmed_orders(&self) -> Result<u64> {
        self.runtime.block_on(async {
            let mut connection = PgConnection::connect(&self.database_url).await?;
            let count: i64 =
                sqlx::query_scalar("select count(*) from orders where status = 'confirmed'")
                    .fetch_one(&mut connection)
                    .await?;
            Ok(u64::try_from(count)?)
        })
    }

    /// Lets every run begin alike: nothing dead, nothing unknown to the planner, nothing unwritten.
    pub(crate) fn tidy(&self) -> Result<()> {
        self.runtime.block_on(async {
            let mut connection = PgConnection::connect(&self.database_url).await?;
            for statement in TIDY {
                sqlx::query(statement).execute(&mut connection).await?;
            }
            Ok(())
        })
    }

    /// What the origin answers to a GET by anybody.
    pub(crate) fn ask(&self, path: &str) -> Result<Value> {
        let mut answer = ureq::get(format!("{}{path}", self.origin_url))
            .call()
            .with_context(|| format!("{path} can't be read"))?;
        Ok(serde_json::from_slice(&answer.body_mut().read_to_vec()?)?)
    }

    fn place_order(&self, key: &str) -> Result<Sample> {
        let product = self.products.first().context("the shop has no products")?;
        let mut answer = ureq::post(format!("{}/v2/orders", self.origin_url))
            .header("authorization", format!("Bearer {}", self.customer_token))
            .header("content-type", "application/json")
            .header(
                shared::header::IDEMPOTENCY_KEY,
                format!("{}-{key}", self.run_id),
            )
            .send(self.order_body(product)?)
            .context("an order could not be placed")?;
        let fields = REPLAYED.iter().filter_map(|&name| {
            let value = answer.headers().get(name)?.to_str().ok()?;
            Some((name.to_owned(), value.to_owned()))
        });
        Ok(Sample {
            fields: fields.collect(),
            body: answer.body_mut().read_to_vec()?.into(),
        })
    }

    fn read(&self, path: String) -> Result<Resource> {
        let mut answer = ureq::get(format!("{}/v2{path}", self.origin_url))
            .header("authorization", format!("Bearer {}", self.customer_token))
            .call()
            .with_context(|| format!("{path} can't be read"))?;
        let etag = answer
            .headers()
            .get("etag")
            .and_then(|etag| etag.to_str().ok());
        Ok(Resource {
            path,
            etag: etag.unwrap_or_default().to_owned(),
            body: answer.body_mut().read_to_vec()?.into(),
        })
    }
}

/// What of an answer a replay repeats.
const REPLAYED: [&str; 5] = ["content-type", "location", "etag", "last-modified", "link"];

const TIDY: [&str; 2] = [
    "vacuum (analyze) orders, order_items, reservations, payments, idempotency_keys, outbox, inventory",
    "checkpoint",
];

/// Builds the programs and answers in which folder they are.
fn build(tools: &Tools, progress: Progress) -> Result<PathBuf> {
    let mut cargo = tools.cargo();
    cargo.args(["build", "--quiet", "--release"]);
    cargo.args(["--package", "origin", "--package", "sandbox"]);
    progress.step("origin and sandbox, optimised", || {
        process::run("cargo build", &mut cargo, FIX)
    })?;
    let target = tools
        .environment()
        .cargo_target
        .clone()
        .unwrap_or_else(|| "target".into());
    Ok(tools.root().join(target).join("release"))
}

fn command(program: &Path, database_url: &str, provider_url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("DATABASE_URL", database_url)
        .env("SANDBOX_URL", provider_url)
        .env("ASSERTION_KEYS", ASSERTION_KEYS)
        .env("DERIVATION_KEY", DERIVATION_KEY)
        .env("DIRECT_TOKENS", "true")
        .env("DRAIN_GRACE_SECONDS", "0");
    command
}

/// Where the origin says that it listens, once it is ready.
fn ready(log: &str) -> Option<SocketAddr> {
    log.lines().find_map(|line| {
        let said: Value = serde_json::from_str(line).ok()?;
        (said["ready"] == true).then(|| said["listen"].as_str()?.parse().ok())?
    })
}

fn member(value: &Value, name: &str) -> Result<String> {
    let text = value[name]
        .as_str()
        .with_context(|| format!("{value} has no `{name}`"))?;
    Ok(text.to_owned())
}

/// Chooses the products, gives them stock, and asks what kind of database this is.
async fn prepare(database_url: &str) -> Result<(Vec<Product>, String)> {
    let mut connection = PgConnection::connect(database_url).await?;
    let rows = sqlx::query(
        "update inventory set available = $2 from products
         where products.id = inventory.product_id and products.id in
             (select id from products where active and currency = 'USD' order by id limit $1)
         returning products.id, price_amount, currency",
    )
    .bind(RESOURCES)
    .bind(STOCK)
    .fetch_all(&mut connection)
    .await?;
    let product = |row: &sqlx::postgres::PgRow| {
        Ok(Product {
            id: ProductId::from_uuid(row.try_get::<Uuid, _>(0)?),
            price: row.try_get(1)?,
            currency: row.try_get(2)?,
        })
    };
    let products = rows.iter().map(product).collect::<sqlx::Result<Vec<_>>>()?;
    ensure!(!products.is_empty(), "the seeded shop has no products");
    let setting = "select 'Postgres ' || current_setting('server_version') || ', fsync '
        || current_setting('fsync') || ', synchronous_commit '
        || current_setting('synchronous_commit')";
    let database = sqlx::query_scalar(setting)
        .fetch_one(&mut connection)
        .await?;
    Ok((products, database))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_says_where_it_listens() {
        let log = "{\"level\":\"INFO\"}\nno json\n{\"ready\":true,\"listen\":\"127.0.0.1:4321\"}\n";
        assert_eq!(ready(log), Some(SocketAddr::from(([127, 0, 0, 1], 4321))));
        assert_eq!(
            ready("{\"ready\":false,\"listen\":\"127.0.0.1:1\"}\n"),
            None
        );
    }
}
