//! A shop of its own for each test: real workerd, the real origin, a fresh database, and a gate
//! between edge and origin.

mod mortal;
mod replica;
mod second;
mod seen;
#[cfg(target_os = "linux")]
mod unread;
mod watch;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use shared::assertion::AssertionKeys;
use shared::feed::Notice;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use xtask::edge_build::{self, Built};
use xtask::process::{self, Running, Signal};
use xtask::progress::Progress;
use xtask::sandbox::{self, Sandbox};
use xtask::scratch::Scratch;
use xtask::tools::Tools;
use xtask::workerd::{self, Workerd};

use crate::answer::Answer;
use crate::gate::Gate;
use crate::postgres;
use mortal::Mortal;
pub use mortal::Part;
use replica::Replica;
use second::{Beside, Second};
use seen::Seen;
#[cfg(target_os = "linux")]
pub use unread::Unread;

const ASSERTION_KEYS: &str = "k:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const DERIVATION_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const PAYMENT_WEBHOOK_SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// Products in a test's catalogue.
const PRODUCTS: &str = "200";
/// What the origin may take until it is ready.
const READY_MAX: Duration = Duration::from_secs(30);

/// What a test may choose.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The build with routes that break on purpose, and with the configuration of [`altered`].
    pub test_routes: bool,
}

/// What a shop is made of.
#[derive(Debug, Clone, Default)]
struct Layout {
    locations: usize,
    /// One more edge, in a process of its own, over the same objects.
    apart: bool,
    replica_url: Option<String>,
    /// A second origin, behind a gate of its own.
    second: Beside,
    /// Where edge and origin send spans, and the edge its log.
    seen: Seen,
}

impl Layout {
    fn of(locations: usize) -> Self {
        Self {
            locations,
            ..Self::default()
        }
    }

    /// What the origin is told by variables.
    fn of_origin(&self) -> Vec<(&'static str, String)> {
        let replica = self.replica_url.clone();
        let replica = replica.map(|url| ("DATABASE_REPLICA_URL", url));
        replica.into_iter().chain(self.seen.of_origin()).collect()
    }
}

/// A running shop. Dropping it ends it.
#[derive(Debug)]
pub struct Shop {
    /// The edge.
    pub edge: Edge,
    /// The one in a process of its own.
    pub apart: Option<Edge>,
    /// What stands between edge and origin.
    pub gate: Gate,
    /// For requests.
    pub client: reqwest::Client,
    /// The demo customer's.
    pub customer_token: String,
    /// The demo admin's.
    pub admin_token: String,
    database_url: String,
    folder: PathBuf,
    deployments: u32,
    origin_port: u16,
    provider_port: u16,
    origin: Running,
    provider: Option<Sandbox>,
    mortal: Option<Mortal>,
    replica: Option<Replica>,
    second: Option<Second>,
}

/// A locked table.
#[derive(Debug)]
pub struct TableLock(PgConnection);

impl TableLock {
    /// Lets the others on.
    pub async fn release(self) {
        self.0.close().await.expect("closed");
    }
}

/// The edge on workerd.
#[derive(Debug)]
pub struct Edge(Workerd);

impl Edge {
    /// As a crash would.
    pub fn kill(&mut self) {
        self.0.kill();
    }

    /// On the same port and disk.
    pub fn restart(&mut self) {
        self.0.restart().expect("workerd starts again");
    }

    /// The first location's port.
    pub fn port(&self) -> u16 {
        let url = self.url();
        let port = url.rsplit(':').next().and_then(|port| port.parse().ok());
        port.expect("a URL with a port")
    }

    /// Where the first location listens.
    pub fn url(&self) -> String {
        self.url_of(0)
    }

    /// Where a location listens.
    pub fn url_of(&self, location: usize) -> String {
        self.0.url(location)
    }
}

impl Shop {
    /// A shop as it ships.
    pub async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    /// A shop as the test wants it.
    pub async fn start_with(options: Options) -> Self {
        Self::start_in(1, options).await
    }

    /// A shop with so many locations, each with a store of its own, over one set of objects.
    pub async fn start_in(locations: usize, options: Options) -> Self {
        Self::over(folder(), database().await, Layout::of(locations), options).await
    }

    /// A shop with one location, and [`Self::apart`].
    pub async fn start_apart() -> Self {
        let layout = Layout {
            apart: true,
            ..Layout::of(1)
        };
        Self::over(folder(), database().await, layout, Options::default()).await
    }

    /// A shop over a database that is migrated and seeded.
    async fn over(folder: PathBuf, database_url: String, layout: Layout, options: Options) -> Self {
        // Known beforehand, since the provider that the origin needs is to tell it of charges.
        let port = xtask::ports::free().expect("a port");
        let provider_port = xtask::ports::free().expect("a port");
        let provider = provider(&database_url, provider_port, port, &folder);
        let gate = Gate::open().await.expect("the gate opens");
        gate.lead_to(port);
        let second = if layout.second == Beside::None {
            None
        } else {
            Some(Second::start(&database_url, &provider, &folder).await)
        };
        let mut origins = gate.url();
        if let Some(second) = second.as_ref().filter(|_| layout.second == Beside::Listed) {
            origins = format!("{origins} {}", second.gate.url());
        }
        let worker = built(if options.test_routes {
            Build::Breaking
        } else {
            Build::Shipped
        });
        let state = folder.join("edge");
        let mut plan = workerd::Options::edge(&worker.folder, &state, &origins, ASSERTION_KEYS);
        plan.edges = layout.locations;
        plan.texts.extend(layout.seen.of_edge());
        plan.door = layout.apart;
        let workerd = Workerd::start(tools(), &plan).expect("workerd starts");
        let apart = workerd.door().map(|door| {
            let state = folder.join("apart");
            let mut plan =
                workerd::Options::edge(&worker.folder, &state, &gate.url(), ASSERTION_KEYS);
            plan.afar = Some(door);
            Edge(Workerd::start(tools(), &plan).expect("workerd starts"))
        });
        let edge_url = workerd.url(0);
        let origin = origin_serving(
            &database_url,
            &layout.of_origin(),
            port,
            &provider,
            &folder,
            &edge_url,
        );
        let token = |sub: &str, role: &str| mint(&database_url, sub, role);
        let (customer, admin) = demo_users();
        Self {
            customer_token: token(customer, "customer"),
            admin_token: token(admin, "admin"),
            edge: Edge(workerd),
            apart,
            gate,
            // No connection outlives its request: the edge is killed and started again.
            client: reqwest::Client::builder()
                .pool_max_idle_per_host(0)
                .build()
                .expect("a client"),
            database_url,
            folder,
            deployments: 0,
            origin_port: port,
            provider_port,
            origin,
            provider: Some(provider),
            mortal: None,
            replica: None,
            second,
        }
    }

    /// Puts an edge with the next revision of the converters in the place of this one, on an empty disk
    /// and another port. The origin's notices do not find it.
    pub fn deploy_next_converters(&mut self) {
        self.edge.kill();
        self.deployments += 1;
        let state = self.folder.join(format!("edge-{}", self.deployments));
        let worker = built(Build::Next);
        let plan = workerd::Options::edge(&worker.folder, &state, &self.gate.url(), ASSERTION_KEYS);
        self.edge = Edge(Workerd::start(tools(), &plan).expect("workerd starts"));
    }

    /// Where the origin listens, without gate and edge; it takes users' own tokens there.
    pub fn origin_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.origin_port)
    }

    /// A request to the edge.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = method.parse().expect("a method");
        self.client
            .request(method, format!("{}{path}", self.edge.url()))
    }

    /// A request to one of the locations.
    pub fn request_at(&self, location: usize, method: &str, path: &str) -> RequestBuilder {
        let method = method.parse().expect("a method");
        let url = format!("{}{path}", self.edge.url_of(location));
        self.client.request(method, url)
    }

    /// Tells the edge what is no longer true, as the origin does.
    pub async fn tell(&self, notice: &Notice) -> Answer {
        let body = serde_json::to_vec(notice).expect("JSON");
        let keys: AssertionKeys = ASSERTION_KEYS.parse().expect("keys");
        let now = unix_seconds();
        let signature = keys.sign_notice(&body, now).expect("a signature");
        let request = self
            .request("POST", shared::feed::PATH)
            .header(shared::header::ASSERTION, signature);
        Answer::to(request.body(body)).await
    }

    /// An anonymous GET.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::to(self.request("GET", path)).await
    }

    /// A body for POST /orders: more of a product than there is.
    pub async fn scarce_order(&self) -> Value {
        let mut order = self.an_order("pm_card_visa").await;
        let products = Answer::to(
            self.request("GET", "/v2/products?limit=100&sort=price_asc")
                .bearer_auth(&self.customer_token),
        );
        let products = products.await.json();
        let scarce = products["data"]
            .as_array()
            .and_then(|all| all.iter().find(|one| one["availability"] == "low"))
            .expect("a scarce product");
        let amount = scarce["price"]["amount"].as_i64().expect("a price") * 99;
        order["items"] = json!([{"product_id": scarce["id"], "quantity": 99}]);
        order["expected_total"]["amount"] = amount.into();
        order
    }

    /// A body for POST /orders: two of the first product that there is enough of.
    pub async fn an_order(&self, payment_method: &str) -> Value {
        let list = self
            .request("GET", "/v2/products?limit=50")
            .bearer_auth(&self.customer_token);
        let products = Answer::to(list).await.json();
        let product = products["data"]
            .as_array()
            .and_then(|all| {
                all.iter()
                    .find(|product| product["availability"] == "in_stock")
            })
            .expect("a product in stock");
        let amount = product["price"]["amount"].as_i64().expect("a price") * 2;
        json!({
            "items": [{"product_id": product["id"], "quantity": 2}],
            "payment_method": payment_method,
            "expected_total": {"amount": amount, "currency": product["price"]["currency"]},
            "shipping_address": {"name": "Ada", "line1": "1 Main St", "city": "Bern",
                "postal_code": "3000", "country": "CH"},
        })
    }

    /// The demo customer's order under a key, not sent yet.
    pub fn order_request(&self, key: &str, order: &Value) -> RequestBuilder {
        self.request("POST", "/v2/orders")
            .bearer_auth(&self.customer_token)
            .header("idempotency-key", key)
            .json(order)
    }

    /// The demo customer's order under a key.
    pub async fn order(&self, key: &str, order: &Value) -> Answer {
        Answer::to(self.order_request(key, order)).await
    }

    /// A token for somebody.
    pub fn token(&self, subject: &str, role: &str) -> String {
        mint(&self.database_url, subject, role)
    }

    /// Another token of the demo customer's.
    pub fn renewed_token(&self) -> String {
        self.token(demo_users().0, "customer")
    }

    /// The demo customer's token of an hour ago.
    pub fn expired_token(&self) -> String {
        let customer = demo_users().0;
        let arguments = [
            "token",
            "--sub",
            customer,
            "--role",
            "customer",
            "--ttl=-3600",
        ];
        run_origin(&self.database_url, &arguments)
    }

    /// Runs a statement in the shop's database.
    pub async fn execute(&self, sql: &'static str) {
        let mut connection = PgConnection::connect(&self.database_url)
            .await
            .expect("Postgres");
        sqlx::raw_sql(sql)
            .execute(&mut connection)
            .await
            .expect(sql);
        connection.close().await.expect("closed");
    }

    /// Locks a table, so that whoever wants it waits.
    pub async fn lock(&self, table: &'static str) -> TableLock {
        let mut connection = PgConnection::connect(&self.database_url)
            .await
            .expect("Postgres");
        let lock = format!("begin; lock table {table} in access exclusive mode");
        sqlx::raw_sql(AssertSqlSafe(lock))
            .execute(&mut connection)
            .await
            .expect("the lock");
        TableLock(connection)
    }

    /// A number from the payment provider's own database.
    pub async fn provider_count(&self, sql: &'static str) -> i64 {
        let url = sandbox::database_url(&self.database_url);
        let mut connection = PgConnection::connect(&url).await.expect("Postgres");
        let count = sqlx::query_scalar(sql)
            .fetch_one(&mut connection)
            .await
            .expect(sql);
        connection.close().await.expect("closed");
        count
    }

    /// Ends the payment provider.
    pub fn stop_provider(&mut self) {
        self.provider = None;
    }

    /// Starts it again where it was.
    pub fn start_provider(&mut self) {
        let (url, port) = (&self.database_url, self.provider_port);
        self.provider = Some(provider(url, port, self.origin_port, &self.folder));
    }

    /// The mails that were sent, whole.
    pub fn mails(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.folder.join("mail")).expect("the mail folder");
        files
            .filter_map(Result::ok)
            .filter(|file| file.path().extension().is_some_and(|kind| kind == "eml"))
            .filter_map(|file| std::fs::read_to_string(file.path()).ok())
            .collect()
    }

    /// A number from the shop's database.
    pub async fn count(&self, sql: &'static str) -> i64 {
        number(&self.database_url, sql).await
    }

    /// How often the payment provider charged, by its own book.
    pub async fn charges(&self) -> i64 {
        let book = format!("{}_sandbox", self.database_url);
        number(
            &book,
            "select count(*) from sandbox_charges where status = 'succeeded'",
        )
        .await
    }
}

async fn number(database_url: &str, sql: &'static str) -> i64 {
    let mut connection = PgConnection::connect(database_url).await.expect("Postgres");
    let number = sqlx::query_scalar(sql)
        .fetch_one(&mut connection)
        .await
        .expect(sql);
    connection.close().await.expect("closed");
    number
}

/// The time, as everybody else has it.
#[expect(
    clippy::disallowed_methods,
    reason = "edge and origin run by the real clock"
)]
fn unix_seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.expect("a clock after 1970").as_secs()).expect("a time")
}

/// The tools, installed once.
pub fn tools() -> &'static Tools {
    static TOOLS: OnceLock<Tools> = OnceLock::new();
    TOOLS.get_or_init(|| Tools::ensure(Progress::shown()).expect("the tools install"))
}

/// A folder for this run of the tests.
pub fn scratch() -> &'static Path {
    static SCRATCH: LazyLock<Scratch> = LazyLock::new(|| {
        let program = std::env::current_exe().expect("the program's own path");
        let name = program.file_stem().and_then(|name| name.to_str());
        let name = name.expect("a name");
        // Such as `e2e-2c9d7e22a2953904`, where the hash is another for each build.
        let name = name.split_once('-').map_or(name, |(name, _)| name);
        Scratch::open(&target().join("scratch").join(name)).expect("a scratch folder")
    });
    SCRATCH.folder()
}

/// The folder of this build's programs, such as `target/debug`.
fn target() -> PathBuf {
    let program = std::env::current_exe().expect("the program's own path");
    let folder = program.parent().expect("a folder");
    // Tests are in target/<profile>/deps, programs in target/<profile>.
    let folder = if folder.ends_with("deps") {
        folder.parent()
    } else {
        Some(folder)
    };
    folder.expect("target/<profile>").to_owned()
}

/// Which edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Build {
    /// As it ships.
    Shipped,
    /// With routes that break on purpose, and with the configuration of [`altered`].
    Breaking,
    /// As it ships, with the next revision of the converters.
    Next,
}

fn built(which: Build) -> &'static Built {
    static SHIPPED: OnceLock<Built> = OnceLock::new();
    static BREAKING: OnceLock<Built> = OnceLock::new();
    static NEXT: OnceLock<Built> = OnceLock::new();
    let (cell, feature, name) = match which {
        Build::Shipped => (&SHIPPED, None, "edge-shipped"),
        Build::Breaking => (&BREAKING, Some("test-routes"), "edge-test-routes"),
        Build::Next => (&NEXT, Some("next-converters"), "edge-next-converters"),
    };
    cell.get_or_init(|| {
        let out = Some(xtask::tools::root().join("target").join(name));
        let options = edge_build::Options {
            config: (which == Build::Breaking).then(altered),
            features: feature.into_iter().map(str::to_owned).collect(),
            out,
        };
        edge_build::build(tools(), &options, Progress::shown()).expect("the edge builds")
    })
}

/// The shop's configuration with what its own bounds would keep a test from seeing: version 1 is
/// switched off for a while, a route gives up at once, an account has more than enough tokens, and
/// changes are refused after a second without the feed.
fn altered() -> PathBuf {
    let mut text = std::fs::read_to_string(xtask::tools::root().join("gateway.toml"))
        .expect("the configuration");
    for (from, to) in [
        ("deprecated = \"2026-", "deprecated = \"2020-"),
        ("sunset = \"2027-", "sunset = \"2099-"),
        (
            "brownouts = []",
            "brownouts = [{ from = \"2021-01-01T00:00:00Z\", to = \"2098-01-01T00:00:00Z\" }]",
        ),
        (
            "name = \"readiness\"",
            "name = \"readiness\"\ntimeout_ms = 300",
        ),
        ("rate = 1000\n", "rate = 10000000\n"),
        ("timeout_ms = 25000", "timeout_ms = 2500"),
        ("refuse_after_seconds = 60", "refuse_after_seconds = 1"),
    ] {
        assert!(text.contains(from), "gateway.toml has no {from}");
        text = text.replace(from, to);
    }
    // Always the same file, so that an unchanged build is found again.
    let file = xtask::tools::root().join("target/altered.toml");
    std::fs::write(&file, text).expect("written");
    file
}

/// The edge as it ships, for a cluster.
pub fn shipped_edge() -> PathBuf {
    built(Build::Shipped).folder.clone()
}

/// What a stage of drills is built from, for a test.
pub fn props() -> crate::drills::Props {
    crate::drills::Props {
        tools: tools().clone(),
        programs: programs(),
        edge: shipped_edge(),
        folder: folder(),
        small_disk: false,
    }
}

/// Origin and provider, for a cluster.
pub fn programs() -> xtask::origin::Programs {
    xtask::origin::Programs {
        origin: program("origin"),
        sandbox: program("sandbox"),
    }
}

/// A program of this checkout.
fn program(name: &str) -> PathBuf {
    static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();
    let programs = PROGRAMS.get_or_init(|| {
        let mut build = tools().cargo();
        build
            .args(["build", "--quiet", "--workspace"])
            .args(["--bin", "origin", "--bin", "sandbox"]);
        process::run("cargo build", &mut build, "Origin and sandbox must build.")
            .expect("it builds");
        target()
    });
    programs.join(name)
}

/// The payment provider, on a database beside the shop's.
fn provider(database_url: &str, port: u16, origin_port: u16, folder: &Path) -> Sandbox {
    let options = sandbox::Options {
        program: &program("sandbox"),
        database_url: &sandbox::database_url(database_url),
        log: &folder.join("sandbox.log"),
        port,
        tells: Some(sandbox::Listener {
            origin_url: &format!("http://127.0.0.1:{origin_port}"),
            secret: PAYMENT_WEBHOOK_SECRET,
        }),
    };
    options.start().expect("the provider starts")
}

/// The origin's program.
fn origin() -> Command {
    let mut command = Command::new(program("origin"));
    command
        .env("ASSERTION_KEYS", ASSERTION_KEYS)
        .env("DERIVATION_KEY", DERIVATION_KEY)
        // Nobody shares out requests, where a test does not say so.
        .env("DRAIN_GRACE_SECONDS", "0")
        .env("RUST_LOG", "info");
    command
}

fn run_origin(database_url: &str, arguments: &[&str]) -> String {
    let mut command = origin();
    command.args(arguments).env("DATABASE_URL", database_url);
    let output = process::output("origin", &mut command).expect("the origin runs");
    assert!(
        output.status.success(),
        "origin {arguments:?}: {}",
        output.stderr
    );
    output.stdout.trim().to_owned()
}

fn mint(database_url: &str, subject: &str, role: &str) -> String {
    run_origin(database_url, &["token", "--sub", subject, "--role", role])
}

fn demo_users() -> (&'static str, &'static str) {
    let users = &template().1;
    (users[0].as_str(), users[1].as_str())
}

/// A migrated and seeded database, and the ids of the demo customer and admin.
fn template() -> &'static (String, [String; 2]) {
    static TEMPLATE: OnceLock<(String, [String; 2])> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let url = format!("{}/template", postgres::url());
        run_origin(&url, &["migrate"]);
        let seeded = run_origin(&url, &["seed", "--products", PRODUCTS, "--json"]);
        let seeded: Value = serde_json::from_str(&seeded).expect("JSON");
        let id = |name: &str| seeded[name].as_str().expect("an id").to_owned();
        (url, [id("customer"), id("admin")])
    })
}

/// A folder for one more shop.
fn folder() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder = scratch().join(format!("shop-{number}"));
    std::fs::create_dir_all(folder.join("mail")).expect("a folder");
    folder
}

/// A copy of the template.
async fn database() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let (template, _) = template();
    let server = postgres::url();
    let mut connection = PgConnection::connect(&format!("{server}/postgres"))
        .await
        .expect("Postgres answers");
    let name = template.rsplit('/').next().expect("a name");
    let copy = format!("create database shop_{number} template {name}");
    sqlx::raw_sql(AssertSqlSafe(copy))
        .execute(&mut connection)
        .await
        .expect("a copy");
    connection.close().await.expect("closed");
    format!("{server}/shop_{number}")
}

/// Starts the origin with its relay and consumers, and waits until it says that it is ready.
fn origin_serving(
    database_url: &str,
    settings: &[(&str, String)],
    port: u16,
    provider: &Sandbox,
    folder: &Path,
    edge_url: &str,
) -> Running {
    let mut command = origin();
    command
        .arg("run")
        .env("MAIL_DIR", folder.join("mail"))
        .env("EDGE_URL", edge_url);
    command.envs(settings.iter().map(|(name, value)| (*name, value)));
    ready(
        command,
        database_url,
        port,
        provider,
        &folder.join("origin.log"),
    )
}

/// Starts a command of the origin that serves, and waits until it is ready.
fn ready(
    mut command: Command,
    database_url: &str,
    port: u16,
    provider: &Sandbox,
    log: &Path,
) -> Running {
    command
        .env("DATABASE_URL", database_url)
        .env("SANDBOX_URL", &provider.url)
        .env("PAYMENT_WEBHOOK_SECRET", PAYMENT_WEBHOOK_SECRET)
        .env("LISTEN", format!("127.0.0.1:{port}"))
        .env("DIRECT_TOKENS", "true")
        .env("WEBHOOKS_ALLOW_PRIVATE", "true");
    // An earlier process's ready line must not be taken for this one's.
    std::fs::remove_file(log).ok();
    let mut origin =
        Running::start("origin", &mut command, log, Signal::TERM).expect("the origin starts");
    let ready = xtask::wait::until(READY_MAX, "the origin's ready line", || {
        origin.check()?;
        let text = std::fs::read_to_string(log)?;
        Ok(text.contains("\"ready\":true").then_some(()))
    });
    ready.expect("the origin is ready");
    origin
}
