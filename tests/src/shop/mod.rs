//! A shop of its own for each test: real workerd, the real origin, a fresh database, and a gate
//! between edge and origin.

mod database;
mod mortal;
mod programs;
mod replica;
mod second;
mod seen;
#[cfg(target_os = "linux")]
mod unread;
mod watch;

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use shared::assertion::AssertionKeys;
use shared::feed::Notice;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use xtask::process::Running;
use xtask::sandbox::{self, Sandbox};
use xtask::workerd::{self, Workerd};

use crate::answer::Answer;
use crate::build::{self, Build, built, tools};
use crate::gate::Gate;
use crate::scratch;
use database::{demo_users, number};
use mortal::Mortal;
pub use mortal::Part;
use programs::{ASSERTION_KEYS, mint, origin_serving, provider, run_origin};
use replica::Replica;
use second::{Beside, Second};
use seen::Seen;
#[cfg(target_os = "linux")]
pub use unread::Unread;

/// What a test may choose.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The build with routes that break on purpose, and with the configuration of its own.
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
        Self::laid_out(Layout::of(locations), options).await
    }

    /// A shop with one location, and [`Self::apart`].
    pub async fn start_apart() -> Self {
        let layout = Layout {
            apart: true,
            ..Layout::of(1)
        };
        Self::laid_out(layout, Options::default()).await
    }

    async fn laid_out(layout: Layout, options: Options) -> Self {
        Self::over(
            scratch::of_a_shop(),
            database::copy().await,
            layout,
            options,
        )
        .await
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

    /// A program that gets its tokens by POST /oauth/token: its `client_id` and `client_secret`.
    pub fn client(&self) -> Value {
        let arguments = ["clients", "add", "--name", "acme", "--json"];
        let told = run_origin(&self.database_url, &arguments);
        serde_json::from_str(&told).expect("JSON")
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

/// The time, as everybody else has it.
#[expect(
    clippy::disallowed_methods,
    reason = "edge and origin run by the real clock"
)]
fn unix_seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.expect("a clock after 1970").as_secs()).expect("a time")
}

/// What a stage of drills is built from, for a test.
pub fn props() -> crate::drills::Props {
    crate::drills::Props {
        tools: tools().clone(),
        programs: build::programs(),
        edge: build::shipped_edge(),
        folder: scratch::of_a_shop(),
        small_disk: false,
    }
}
