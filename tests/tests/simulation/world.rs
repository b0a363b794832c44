//! One world: edge and origin in one process, their clocks apart but both still, one fresh database.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use clap::Parser;
use edge::config::Gateway;
use edge::pipeline::{Inbound, Isolate, Settings, handle};
use edge::platform::memory::Memory;
use edge::platform::{Body, Origin};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt;
use origin::app::App;
use origin::config::Config;
use origin::feed::FeedDoor;
use origin::identity::keys::KeySet;
use origin::identity::token::{self, Grant};
use origin::platform::{Clock, Failpoint, Platform, Seeded, SetClock, Watcher};
use origin::routes::Api;
use origin::store::{migrate, pool};
use sandbox::book::Book;
use shared::assertion::AssertionKeys;
use shared::caller::{Mode, Principal, Role};
use shared::feed::{Notice, PATH};
use shared::id::ProductId;
use shared::versions::REVISION;
use sqlx::{Connection, PgConnection, PgPool};
use tests::postgres;
use tower::ServiceExt;

use crate::model::{CUSTOMERS, PRODUCTS, SKEW_MS_MAX, skew_ms};
use crate::provider::{self, Provider};

const START_MS: u64 = 1_800_000_000_000;
const ASSERTION_KEYS: &str = "k:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const DERIVATION_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
/// Units of each product at the start: few, so that some orders find too few.
pub(crate) const STOCK: i64 = 25;
/// First price of the product at a place, in cents.
fn first_price(place: usize) -> i64 {
    100 * (i64::try_from(place).unwrap() + 1)
}

/// How long after it was told of a change a location may still answer what was.
const SETTLED_MS: u64 = 2_000;

/// What a crash says.
const CRASH: &str = "the origin dies here";

/// Keeps the crashes that are meant out of the output.
pub(crate) fn silence_crashes() {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.payload().downcast_ref::<&str>() != Some(&CRASH) {
            told(panic);
        }
    }));
}

/// Where the origin is to die next.
#[derive(Default)]
struct Crashes {
    next: Mutex<Option<Failpoint>>,
}

impl Watcher for Crashes {
    fn at(&self, point: Failpoint) {
        let mut next = self.next.lock().unwrap();
        if *next == Some(point) {
            *next = None;
            drop(next);
            std::panic::panic_any(CRASH);
        }
    }
}

/// What the origin has told the edge and is still on its way.
#[derive(Default)]
struct Told(Mutex<VecDeque<Notice>>);

#[async_trait]
impl FeedDoor for Told {
    async fn tell(&self, notice: &Notice, _: Option<&str>) -> anyhow::Result<()> {
        self.0.lock().unwrap().push_back(notice.clone());
        Ok(())
    }
}

/// The origin's clock: it stands where it is put, and waiting takes no time.
struct OriginClock {
    time: SetClock,
    behind_ms: i64,
}

impl Clock for OriginClock {
    fn now(&self) -> DateTime<Utc> {
        self.time.now() - TimeDelta::milliseconds(self.behind_ms)
    }

    fn pause(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::task::yield_now())
    }
}

/// A migrated database with a small catalogue, copied for each world.
pub(crate) struct Template {
    server: &'static str,
}

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    config: Config,
}

fn config(url: &str) -> Config {
    Command::parse_from([
        "origin",
        "--database-url",
        url,
        "--pool-connections-max",
        "4",
        "--assertion-keys",
        ASSERTION_KEYS,
        "--derivation-key",
        DERIVATION_KEY,
    ])
    .config
}

impl Template {
    /// Starts Postgres and fills the template.
    pub(crate) async fn start() -> Self {
        let server = postgres::url();
        let url = format!("{server}/simulation");
        // Before any world's clock, whichever way it is off.
        let clock: Arc<dyn Clock> = Arc::new(SetClock::at(START_MS.cast_signed() - SKEW_MS_MAX));
        let platform = Platform::new(clock, Arc::new(Seeded::new(1)));
        let config = config(&url);
        migrate::run(&config.databases, &platform)
            .await
            .expect("migrations run");
        let book = Book::open(&provider::database(&url)).await;
        book.expect("the book opens").pool().close().await;
        let mut connection = PgConnection::connect(&url).await.unwrap();
        for place in 0..PRODUCTS {
            sqlx::query(
                "with product as (
                    insert into products (id, sku, name, description, category, price_amount,
                        currency, created_at, updated_at)
                    values ($1, $2, 'A thing', 'It does.', 'things', $3, 'USD', now(), now())
                    returning id)
                insert into inventory (product_id, available) select id, $4 from product",
            )
            .bind(product(place).uuid())
            .bind(format!("sku-{place}"))
            .bind(first_price(place))
            .bind(i32::try_from(STOCK).unwrap())
            .execute(&mut connection)
            .await
            .unwrap();
        }
        connection.close().await.unwrap();
        Self { server }
    }

    /// Copies the databases, under a name of their own.
    async fn copy(&self) -> String {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let mut connection = PgConnection::connect(&format!("{}/postgres", self.server))
            .await
            .unwrap();
        for (name, template) in [
            (format!("world_{number}"), "simulation"),
            (format!("world_{number}_sandbox"), "simulation_sandbox"),
        ] {
            let statement = format!("create database {name} template {template}");
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
                .execute(&mut connection)
                .await
                .unwrap();
        }
        format!("{}/world_{number}", self.server)
    }
}

/// The product at a place of the catalogue.
pub(crate) fn product(place: usize) -> ProductId {
    ProductId::new(1, [u8::try_from(place).unwrap(); 10])
}

/// The customer's id.
pub(crate) fn customer(number: usize) -> String {
    shared::id::UserId::new(1, [u8::try_from(number).unwrap(); 10]).to_string()
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) fields: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

/// The world of one seed.
pub(crate) struct World {
    pub(crate) memory: Memory,
    /// Another location of the edge, over the same objects.
    elsewhere: Memory,
    pub(crate) pool: PgPool,
    pub(crate) sandbox: PgPool,
    config: Config,
    provider: Arc<Provider>,
    platform: Platform,
    crashes: Arc<Crashes>,
    clock: Arc<OriginClock>,
    app: RefCell<Rc<App>>,
    api: Rc<RefCell<Api>>,
    isolate: RefCell<Rc<Isolate>>,
    converters: Cell<u16>,
    isolate_elsewhere: Rc<Isolate>,
    told: Arc<Told>,
    /// The versions of all products that the edge was told of, and when, in the world's milliseconds.
    known: RefCell<Vec<i64>>,
    known_ms: Cell<u64>,
    tokens: Vec<String>,
    admin: String,
}

impl World {
    /// Puts it together.
    pub(crate) async fn start(template: &Template, seed: u64) -> Self {
        let url = template.copy().await;
        let config = config(&url);
        let clock = Arc::new(OriginClock {
            time: SetClock::at(START_MS.cast_signed()),
            behind_ms: skew_ms(seed),
        });
        let crashes = Arc::new(Crashes::default());
        let platform = Platform::new(Arc::clone(&clock) as _, Arc::new(Seeded::new(seed)))
            .watched_by(Arc::clone(&crashes) as _);
        let book = Book::open(&provider::database(&url)).await.unwrap();
        let sandbox = book.pool().clone();
        let provider: Arc<Provider> = Arc::new(Provider::new(book, platform.clone()));
        let told = Arc::new(Told::default());
        let door: Arc<dyn FeedDoor> = told.clone();
        let app =
            App::build_behind(&config, platform.clone(), provider.clone(), Some(door)).unwrap();
        let pool = pool::shop(&config.databases).unwrap();

        let api = Rc::new(RefCell::new(app.api.clone()));
        let current = Rc::clone(&api);
        let memory = Memory::new(START_MS, seed, move |request: Request<Bytes>| {
            let api = current.borrow().clone();
            Box::pin(async move {
                let (parts, body) = request.into_parts();
                let request = Request::from_parts(parts, http_body_util::Full::new(body));
                let response = api.oneshot(request.map(axum_body)).await.unwrap();
                let (parts, body) = response.into_parts();
                let bytes = body.collect().await.unwrap().to_bytes();
                Response::from_parts(parts, bytes)
            })
        });
        let elsewhere = memory.another_location();
        let keys = KeySet::read(&pool, platform.now()).await.unwrap();
        let token = |subject: String, role: Role| {
            let grant = Grant {
                issuer: "headgate",
                audience: "headgate",
                token_id: "simulation",
                lifetime_seconds: 30 * 24 * 3_600,
            };
            let principal = Principal {
                account: subject.clone(),
                subject,
                role,
                scopes: role.scopes().iter().map(|&s| s.to_owned()).collect(),
                mode: Mode::Live,
            };
            let key = keys.signer(platform.now()).unwrap();
            token::sign(key, &grant, &principal, platform.now())
        };
        Self {
            memory,
            elsewhere,
            isolate_elsewhere: Rc::new(new_isolate(REVISION)),
            converters: Cell::new(REVISION),
            told,
            known: RefCell::default(),
            known_ms: Cell::default(),
            pool,
            sandbox,
            tokens: (0..CUSTOMERS)
                .map(|number| token(customer(number), Role::Customer))
                .collect(),
            admin: token(customer(CUSTOMERS), Role::Admin),
            config,
            provider,
            platform,
            crashes,
            clock,
            app: RefCell::new(Rc::new(app)),
            api,
            isolate: RefCell::new(Rc::new(new_isolate(REVISION))),
        }
    }

    /// Moves every clock on.
    pub(crate) fn advance_ms(&self, ms: u64) {
        self.memory.advance_ms(ms);
        self.clock.time.advance_ms(ms.cast_signed());
    }

    /// Milliseconds since the world began.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        self.clock.time.now().timestamp_millis().cast_unsigned() - START_MS
    }

    /// The origin dies at this place when it gets there; nowhere: `None`.
    pub(crate) fn crash_at(&self, point: Option<Failpoint>) {
        *self.crashes.next.lock().unwrap() = point;
    }

    /// Another process of the origin takes over.
    pub(crate) fn restart_origin(&self) {
        let provider = Arc::clone(&self.provider);
        let (platform, told): (_, Arc<dyn FeedDoor>) = (self.platform.clone(), self.told.clone());
        let app = App::build_behind(&self.config, platform, provider, Some(told)).unwrap();
        *self.api.borrow_mut() = app.api.clone();
        *self.app.borrow_mut() = Rc::new(app);
    }

    /// The edge runs with that revision of the converters from now on.
    pub(crate) fn deploy(&self, revision: u16) {
        self.converters.set(revision);
        *self.isolate.borrow_mut() = Rc::new(new_isolate(revision));
    }

    /// What a product costs now, in cents.
    pub(crate) async fn price(&self, place: usize) -> i64 {
        sqlx::query_scalar("select price_amount from products where id = $1")
            .bind(product(place).uuid())
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }

    /// Sends a request as a customer; `None` if the connection ended without an answer.
    pub(crate) async fn send(
        &self,
        customer: usize,
        request: http::request::Builder,
        body: String,
    ) -> Option<Answer> {
        self.send_with(&self.tokens[customer], request, body).await
    }

    /// Sends a request as the admin.
    pub(crate) async fn send_as_admin(
        &self,
        request: http::request::Builder,
        body: String,
    ) -> Option<Answer> {
        self.send_with(&self.admin, request, body).await
    }

    async fn send_with(
        &self,
        token: &str,
        request: http::request::Builder,
        body: String,
    ) -> Option<Answer> {
        let request = request.header("authorization", format!("Bearer {token}"));
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let inbound = Inbound {
            parts,
            body: Body::Bytes(body.into()),
            address: Some("192.0.2.1".into()),
            country: None,
        };
        let isolate = Rc::clone(&self.isolate.borrow());
        let answering = handle(&self.memory, &isolate, inbound);
        let answered = tokio::select! {
            biased;
            response = answering => Some(response),
            () = self.memory.death() => None,
        };
        let Some(response) = answered else {
            // With the isolate goes what it knew and what it had put off.
            self.memory.drop_deferred();
            *self.isolate.borrow_mut() = Rc::new(new_isolate(self.converters.get()));
            return None;
        };
        let (parts, body) = response.into_parts();
        let body = self.memory.read(body, usize::MAX, 1).await.unwrap();
        Some(Answer {
            status: parts.status,
            fields: parts.headers,
            body,
        })
    }

    /// Lets everything that works without clients work until there is nothing left to do now.
    pub(crate) async fn drain(&self) {
        let app = Rc::clone(&self.app.borrow());
        while app.sweeper.step().await.expect("the sweeper works") > 0 {}
        while app.completer.step().await.expect("the completer works") > 0 {}
        app.strays.step().await.expect("strays are looked for");
        // Bounded: a relay that never rests is a bug too.
        for _ in 0..1_000 {
            let handled = app.relay.step().await.expect("the relay works");
            self.pass_on().await;
            if handled == 0 {
                self.know().await;
                return;
            }
        }
        panic!("the relay never rests");
    }

    /// Brings what the origin told to the edge's door.
    async fn pass_on(&self) {
        loop {
            let Some(notice) = self.told.0.lock().unwrap().pop_front() else {
                return;
            };
            let body = serde_json::to_vec(&notice).unwrap();
            let keys: AssertionKeys = ASSERTION_KEYS.parse().unwrap();
            let now = self.platform.now().timestamp();
            let (parts, ()) = Request::post(format!("https://shop.example{PATH}"))
                .header(
                    shared::header::ASSERTION,
                    keys.sign_notice(&body, now).unwrap(),
                )
                .body(())
                .unwrap()
                .into_parts();
            let inbound = Inbound {
                parts,
                body: Body::Bytes(body.into()),
                address: None,
                country: None,
            };
            let isolate = Rc::clone(&self.isolate.borrow());
            let answer = handle(&self.memory, &isolate, inbound).await;
            assert_eq!(answer.status(), StatusCode::OK, "the edge takes the notice");
        }
    }

    /// Remembers what the edge was told of.
    async fn know(&self) {
        let mut known = Vec::with_capacity(PRODUCTS);
        for place in 0..PRODUCTS {
            // A worker that died may still hold the consumer's lease: then its changes are on their way.
            let version = sqlx::query_scalar(
                "select case when exists (
                     select from outbox
                     where aggregate_id = products.id and type like 'product.%' and not exists (
                         select from inbox where consumer = 'purge' and event_id = outbox.id)
                 ) then 0 else version end
                 from products where id = $1",
            )
            .bind(product(place).uuid())
            .fetch_one(&self.pool)
            .await
            .unwrap();
            known.push(version);
        }
        *self.known.borrow_mut() = known;
        self.known_ms.set(self.elapsed_ms());
    }

    /// The version of a product that no location may be behind any more.
    pub(crate) fn settled_version(&self, place: usize) -> i64 {
        if self.elapsed_ms() < self.known_ms.get() + SETTLED_MS {
            return 0;
        }
        self.known.borrow().get(place).copied().unwrap_or_default()
    }

    /// Reads a product, as anybody, at one of the two locations.
    pub(crate) async fn read(&self, place: usize, elsewhere: bool) -> Answer {
        let url = format!("https://shop.example/v2/products/{}", product(place));
        let (parts, ()) = Request::get(url).body(()).unwrap().into_parts();
        let inbound = Inbound {
            parts,
            body: Body::Empty,
            address: Some("192.0.2.1".into()),
            country: None,
        };
        let isolate = Rc::clone(&self.isolate.borrow());
        let (memory, isolate) = if elsewhere {
            (&self.elsewhere, &self.isolate_elsewhere)
        } else {
            (&self.memory, &isolate)
        };
        let (parts, body) = handle(memory, isolate, inbound).await.into_parts();
        memory.run_deferred().await;
        Answer {
            status: parts.status,
            fields: parts.headers,
            body: memory.read(body, usize::MAX, 1).await.unwrap(),
        }
    }

    /// Every store forgets every copy.
    pub(crate) fn evict_copies(&self) {
        self.memory.evict_copies();
        self.elsewhere.evict_copies();
    }

    /// Closes its connections.
    pub(crate) async fn end(self) {
        self.app.into_inner().shop.pool.close().await;
        self.pool.close().await;
        self.sandbox.close().await;
    }
}

fn new_isolate(converters: u16) -> Isolate {
    let gateway: Gateway = edge::config::parse(include_str!("../../../gateway.toml"), |text| {
        Ok(toml::from_str(text).expect("the build checked it"))
    })
    .expect("the build checked it");
    let settings = Settings {
        assertion_keys: ASSERTION_KEYS.parse().unwrap(),
        public_url: None,
        converters,
    };
    Isolate::new(gateway, settings)
}

fn axum_body(body: http_body_util::Full<Bytes>) -> axum::body::Body {
    axum::body::Body::new(body)
}
