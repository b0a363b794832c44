//! A shop of its own for each test.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use bytes::Bytes;
use http_body_util::BodyExt;
use origin::app::App;
use origin::config::{Config, Databases, Draining, Issuing, Mail, Payments, Webhooks};
use origin::identity::{keys::KeySet, token};
use origin::payment::PaymentGateway;
use origin::platform::{Platform, Seeded, SetClock};
use origin::{seed, store};
use serde_json::{Value, json};
use shared::caller::{Mode, Principal, Role};
use tower::ServiceExt;
use xtask::postgres::{Cluster, Options};
use xtask::progress::Progress;
use xtask::scratch::Scratch;
use xtask::tools::Tools;

use crate::provider::Provider;

/// When every test begins, in Unix milliseconds.
pub(crate) const BEGIN_MS: i64 = 1_800_000_000_000;
/// What the provider signs its webhooks with.
pub(crate) const WEBHOOK_SECRET: &str = "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
/// How long stock waits for its payment.
pub(crate) const RESERVATION_SECONDS: u32 = 1_800;
/// Products in a test's catalogue.
pub(crate) const PRODUCTS: u32 = 300;
/// 32 bytes in base64url.
const SECRET: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

/// A folder of this run.
pub(crate) fn folder() -> &'static Path {
    static SCRATCH: LazyLock<Scratch> = LazyLock::new(|| {
        let runs = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shop");
        Scratch::open(&runs).unwrap()
    });
    SCRATCH.folder()
}

/// One Postgres for the whole binary.
fn server() -> &'static str {
    static SERVER: OnceLock<(Cluster, String)> = OnceLock::new();
    let (_, url) = SERVER.get_or_init(|| {
        let folder = folder();
        let tools = Tools::ensure(Progress::quiet()).unwrap();
        let cluster = Cluster::start(
            &tools,
            &Options {
                folder: folder.join("pg"),
                log: folder.join("log"),
                ephemeral: true,
            },
        )
        .unwrap();
        let url = cluster.url_of("");
        (cluster, url)
    });
    url
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn field(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// A shop.
#[derive(Clone)]
pub(crate) struct Shop {
    pub(crate) app: Arc<App>,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) provider: Arc<Provider>,
    pub(crate) config: Config,
    pub(crate) customer: String,
    pub(crate) admin: String,
}

pub(crate) fn databases() -> Databases {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    Databases {
        database_url: format!("{}t{number}", server()).into(),
        database_replica_url: None,
        pool_connections_max: Some(8),
    }
}

pub(crate) fn platform(clock: &Arc<SetClock>) -> Platform {
    static SEED: AtomicU32 = AtomicU32::new(1);
    let seed = SEED.fetch_add(1, Ordering::Relaxed);
    Platform::new(clock.clone(), Arc::new(Seeded::new(seed.into())))
}

impl Shop {
    pub(crate) async fn open() -> Self {
        let provider = Arc::new(Provider::default());
        Self::open_with(provider.clone(), provider).await
    }

    async fn open_with(provider: Arc<Provider>, gateway: Arc<dyn PaymentGateway>) -> Self {
        Self::open_on(databases(), provider, gateway).await
    }

    /// A shop with the usual provider, in databases of the test's own choice.
    pub(crate) async fn open_in(databases: Databases) -> Self {
        let provider = Arc::new(Provider::default());
        Self::open_on(databases, provider.clone(), provider).await
    }

    /// A shop in databases of the test's own choice.
    pub(crate) async fn open_on(
        databases: Databases,
        provider: Arc<Provider>,
        gateway: Arc<dyn PaymentGateway>,
    ) -> Self {
        let clock = Arc::new(SetClock::at(BEGIN_MS));
        let platform = platform(&clock);
        store::migrate::run(&databases, &platform).await.unwrap();
        let config = Config {
            databases,
            issuing: Issuing {
                issuer: "headgate".into(),
                audience: "headgate".into(),
            },
            mail: Mail {
                mail_from: "shop@headgate.example".into(),
                ..Mail::default()
            },
            payments: Payments {
                stripe_secret_key: None,
                stripe_webhook_secret: None,
                stripe_url: "http://127.0.0.1:1".into(),
                sandbox_url: "http://127.0.0.1:1".into(),
                payment_webhook_secret: Some(WEBHOOK_SECRET.to_owned().into()),
                provider_timeout_seconds: 10,
                reservation_seconds: RESERVATION_SECONDS,
            },
            webhooks: Webhooks {
                webhooks_allow_private: true,
            },
            draining: Draining {
                drain_seconds: 30,
                drain_grace_seconds: 0,
            },
            assertion_keys: format!("k:{SECRET}").into(),
            derivation_key: SECRET.to_owned().into(),
            listen: "127.0.0.1:0".parse().unwrap(),
            // More than any test sends at once, but for those of overload.
            requests_max: Some(4096),
            edge_url: None,
            alert_webhook_url: None,
            queue_url: None,
            cache_url: None,
            public_url: "http://shop.example".into(),
            direct_tokens: true,
        };
        let app = App::build_with(&config, platform.clone(), gateway).unwrap();
        seed::run(&app.shop.pool, &platform, PRODUCTS)
            .await
            .unwrap();
        let keys = KeySet::read(&app.shop.pool, platform.now()).await.unwrap();
        let mint = |subject: String, role: Role| {
            let grant = token::Grant {
                issuer: "headgate",
                audience: "headgate",
                token_id: "tok_1",
                lifetime_seconds: 3600,
            };
            let principal = principal(&subject, role);
            let signer = keys.signer(platform.now()).unwrap();
            token::sign(signer, &grant, &principal, platform.now())
        };
        Self {
            customer: mint(seed::customer().to_string(), Role::Customer),
            admin: mint(seed::admin().to_string(), Role::Admin),
            app: Arc::new(app),
            clock,
            provider,
            config,
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.app.api.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    }

    pub(crate) async fn get(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(request("GET", path, fields, "")).await
    }

    pub(crate) async fn order(&self, key: &str, order: &Value) -> Answer {
        let bearer = format!("Bearer {}", self.customer);
        let fields = [
            ("authorization", bearer.as_str()),
            ("idempotency-key", key),
            ("content-type", "application/json"),
        ];
        self.send(request("POST", "/v2/orders", &fields, &order.to_string()))
            .await
    }

    /// A number from the database.
    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql)
            .fetch_one(&self.app.shop.pool)
            .await
            .unwrap()
    }

    /// Products that there is plenty of, as clients see them.
    pub(crate) async fn plenty(&self) -> Vec<Value> {
        let list = self.get("/products?limit=100", &[]).await.json();
        let products = list["data"].as_array().unwrap().iter().cloned();
        products
            .filter(|product| product["availability"] == "in_stock")
            .collect()
    }
}

pub(crate) fn principal(subject: &str, role: Role) -> Principal {
    Principal {
        subject: subject.to_owned(),
        account: subject.to_owned(),
        role,
        scopes: role
            .scopes()
            .iter()
            .map(|&scope| scope.to_owned())
            .collect(),
        mode: Mode::Live,
    }
}

pub(crate) fn request(
    method: &str,
    path: &str,
    fields: &[(&str, &str)],
    body: &str,
) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

/// An order of these products and quantities, at their price.
pub(crate) fn order(lines: &[(&Value, i64)], method: &str) -> Value {
    let total: i64 = lines
        .iter()
        .map(|(product, quantity)| product["price"]["amount"].as_i64().unwrap() * quantity)
        .sum();
    let items: Vec<_> = lines
        .iter()
        .map(|(product, quantity)| json!({"product_id": product["id"], "quantity": quantity}))
        .collect();
    json!({
        "items": items,
        "payment_method": method,
        "expected_total": {"amount": total, "currency": "USD"},
        "shipping_address": {"name": "Ada", "line1": "1 Main St", "city": "Bern",
            "postal_code": "3000", "country": "CH"},
    })
}
