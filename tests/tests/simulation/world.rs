//! One world: edge and origin in one process, one clock, one fresh database.

use std::sync::Arc;

use bytes::Bytes;
use clap::Parser;
use edge::config::Gateway;
use edge::pipeline::{Inbound, Isolate, Settings, handle};
use edge::platform::memory::Memory;
use edge::platform::{Body, Origin};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt;
use origin::app::App;
use origin::config::Config;
use origin::identity::keys::KeySet;
use origin::identity::token::{self, Grant};
use origin::platform::{Clock, Platform, Seeded, SetClock};
use origin::store::{migrate, pool};
use shared::caller::{Mode, Principal, Role};
use shared::id::ProductId;
use sqlx::{Connection, PgConnection, PgPool};
use tests::postgres;
use tower::ServiceExt;

use crate::model::{CUSTOMERS, PRODUCTS};

const START_MS: u64 = 1_800_000_000_000;
const ASSERTION_KEYS: &str = "k:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const DERIVATION_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
/// Units of each product at the start: few, so that some orders find too few.
pub(crate) const STOCK: i64 = 25;
/// Price of the product at a place, in cents.
pub(crate) fn price(place: usize) -> i64 {
    100 * (i64::try_from(place).unwrap() + 1)
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
        let clock: Arc<dyn Clock> = Arc::new(SetClock::at(START_MS.cast_signed()));
        let platform = Platform::new(clock, Arc::new(Seeded::new(1)));
        let config = config(&url);
        migrate::run(&config.databases, &platform)
            .await
            .expect("migrations run");
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
            .bind(price(place))
            .bind(i32::try_from(STOCK).unwrap())
            .execute(&mut connection)
            .await
            .unwrap();
        }
        connection.close().await.unwrap();
        Self { server }
    }

    /// Copies the databases, under the seed's name.
    async fn copy(&self, seed: u64) -> String {
        let mut connection = PgConnection::connect(&format!("{}/postgres", self.server))
            .await
            .unwrap();
        for (name, template) in [
            (format!("seed_{seed}"), "simulation"),
            (format!("seed_{seed}_sandbox"), "simulation_sandbox"),
        ] {
            let statement = format!("create database {name} template {template}");
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
                .execute(&mut connection)
                .await
                .unwrap();
        }
        format!("{}/seed_{seed}", self.server)
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
    pub(crate) app: App,
    pub(crate) pool: PgPool,
    pub(crate) sandbox: PgPool,
    clock: Arc<SetClock>,
    isolate: Isolate,
    tokens: Vec<String>,
}

impl World {
    /// Puts it together.
    pub(crate) async fn start(template: &Template, seed: u64) -> Self {
        let config = config(&template.copy(seed).await);
        let clock = Arc::new(SetClock::at(START_MS.cast_signed()));
        let platform = Platform::new(Arc::clone(&clock) as _, Arc::new(Seeded::new(seed)));
        let app = App::build(&config, platform.clone()).unwrap();
        let pool = app.shop.pool.clone();
        let sandbox = pool::sandbox(&config.databases).unwrap();

        let router = app.router.clone();
        let memory = Memory::new(START_MS, seed, move |request: Request<Bytes>| {
            let router = router.clone();
            Box::pin(async move {
                let (parts, body) = request.into_parts();
                let request = Request::from_parts(parts, http_body_util::Full::new(body));
                let response = router.oneshot(request.map(axum_body)).await.unwrap();
                let (parts, body) = response.into_parts();
                let bytes = body.collect().await.unwrap().to_bytes();
                Response::from_parts(parts, bytes)
            })
        });
        let gateway: Gateway = edge::config::parse(include_str!("../../../gateway.toml"), |text| {
            Ok(toml::from_str(text).expect("the build checked it"))
        })
        .expect("the build checked it");
        let settings = Settings {
            assertion_keys: ASSERTION_KEYS.parse().unwrap(),
            public_url: None,
        };
        let keys = KeySet::read(&pool, platform.now()).await.unwrap();
        let tokens = (0..CUSTOMERS)
            .map(|number| {
                let grant = Grant {
                    issuer: "headgate",
                    audience: "headgate",
                    token_id: "simulation",
                    lifetime_seconds: 30 * 24 * 3_600,
                };
                let principal = Principal {
                    subject: customer(number),
                    account: customer(number),
                    role: Role::Customer,
                    scopes: Role::Customer
                        .scopes()
                        .iter()
                        .map(|&s| s.to_owned())
                        .collect(),
                    mode: Mode::Live,
                };
                let key = keys.signer(platform.now()).unwrap();
                token::sign(key, &grant, &principal, platform.now())
            })
            .collect();
        let isolate = Isolate::new(gateway, settings);
        Self {
            memory,
            app,
            pool,
            sandbox,
            clock,
            isolate,
            tokens,
        }
    }

    /// Moves every clock on.
    pub(crate) fn advance_ms(&self, ms: u64) {
        self.memory.advance_ms(ms);
        self.clock.advance_ms(ms.cast_signed());
    }

    /// Milliseconds since the world began.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        self.clock.now().timestamp_millis().cast_unsigned() - START_MS
    }

    /// Sends a request as a customer.
    pub(crate) async fn send(
        &self,
        customer: usize,
        request: http::request::Builder,
        body: String,
    ) -> Answer {
        let token = &self.tokens[customer];
        let request = request.header("authorization", format!("Bearer {token}"));
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let inbound = Inbound {
            parts,
            body: Body::Bytes(body.into()),
            address: Some("192.0.2.1".into()),
            country: None,
        };
        let response = handle(&self.memory, &self.isolate, inbound).await;
        let (parts, body) = response.into_parts();
        let body = self.memory.read(body, usize::MAX, 1).await.unwrap();
        Answer {
            status: parts.status,
            fields: parts.headers,
            body,
        }
    }

    /// Lets relay and consumers work until there is nothing left.
    pub(crate) async fn drain(&self) {
        // Bounded: a relay that never rests is a bug too.
        for _ in 0..1_000 {
            if self.app.relay.step().await.expect("the relay works") == 0 {
                return;
            }
        }
        panic!("the relay never rests");
    }

    /// Closes its connections.
    pub(crate) async fn end(self) {
        self.pool.close().await;
        self.sandbox.close().await;
    }
}

fn axum_body(body: http_body_util::Full<Bytes>) -> axum::body::Body {
    axum::body::Body::new(body)
}
