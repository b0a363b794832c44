//! The application, put together: the same for the binary, for tests and for the simulation.

use std::ops::Deref;
use std::sync::Arc;

use secrecy::ExposeSecret;
use shared::assertion::AssertionKeys;
use shared::idempotency::DerivationKey;
use sqlx::PgPool;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::admission::Admission;
use crate::config::{Config, PaymentLimits};
use crate::events::alerts::{Alerts, Bell};
use crate::events::relay::Relay;
use crate::events::retention::Retention;
use crate::events::{
    Consumer, analytics::Analytics, email::Email, inventory::Inventory, notification::Notification,
    purge::Purge, push::Push, refund::Refunds,
};
use crate::feed::{FeedDoor, HttpDoor};
use crate::http_client::HttpBell;
use crate::identity::keys::Keys;
use crate::identity::password::Passwords;
use crate::mail::Mailer;
use crate::metrics::Metrics;
use crate::order::complete::Completer;
use crate::order::stray::Strays;
use crate::order::sweep::Sweeper;
use crate::payment::PaymentGateway;
use crate::payment::traced::Traced;
use crate::payment::webhook::Verifier;
use crate::platform::Platform;
use crate::push::PushGateway;
use crate::push::courier::Pushes;
use crate::push::web::WebPush;
use crate::queue;
use crate::reads::cache::{self, SharedCache};
use crate::reads::{Reads, Reports};
use crate::routes::{self, Api};
use crate::sending::Sender;
use crate::services::Service;
use crate::store::pool;
use crate::webhook::connect::SystemResolver;
use crate::webhook::courier::Webhooks;
use crate::webhook::post::Poster;

/// What every handler can reach.
#[derive(Clone)]
pub struct Shop {
    /// Connections: the API's, or those of who works behind it.
    pub pool: PgPool,
    parts: Arc<Parts>,
}

impl Shop {
    /// The same shop over other connections.
    fn over(&self, pool: PgPool) -> Self {
        Self {
            pool,
            parts: self.parts.clone(),
        }
    }
}

impl Deref for Shop {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

/// The parts of a [`Shop`].
pub struct Parts {
    /// The connection of those who ask whether the process serves.
    pub probes: PgPool,
    /// Who is let in.
    pub admission: Admission,
    /// Reads of products.
    pub reads: Reads,
    /// What admins look at.
    pub reports: Reports,
    /// Time and randomness.
    pub platform: Platform,
    /// The payment provider.
    pub gateway: Arc<dyn PaymentGateway>,
    /// How long payments may take.
    pub payments: PaymentLimits,
    /// Checks what the payment provider tells; none: nothing is heard.
    pub webhooks: Option<Verifier>,
    /// Keys of the hand-over.
    pub assertion_keys: AssertionKeys,
    /// What ids and cursors derive from.
    pub derivation_key: DerivationKey,
    /// Keys of our tokens.
    pub keys: Keys,
    /// Hashes passwords.
    pub passwords: Passwords,
    /// The `iss` of our tokens.
    pub issuer: String,
    /// The `aud` of our tokens.
    pub audience: String,
    /// Base of the problem pages, without a trailing slash.
    pub public_url: String,
    /// Whether callers may come without the edge.
    pub direct_tokens: bool,
    /// Wakes the relay after a commit that wrote events.
    pub wake: Arc<Notify>,
    /// Cancelled when the process begins to end: no longer ready, and nothing new is taken up.
    pub draining: CancellationToken,
    /// Whether webhooks may lead to private addresses.
    pub webhooks_allow_private: bool,
    /// Wakes who sends to webhooks.
    pub webhooks_wake: Arc<Notify>,
    /// What this process counts.
    pub metrics: Arc<Metrics>,
    /// Orders under way. They go on when their client leaves, so that a key never sticks.
    pub tasks: TaskTracker,
}

/// The whole application.
pub struct App {
    /// What its parts share.
    pub shop: Shop,
    /// The API, as a service.
    pub api: Api,
    /// Ticker and consumers.
    pub relay: Relay,
    /// Makes and drops the log's weeks.
    pub retention: Retention,
    /// Tells operators what does not mend itself.
    pub alerts: Alerts,
    /// Settles payments whose clients are gone.
    pub completer: Completer,
    /// Gives stock back that nobody has paid for.
    pub sweeper: Sweeper,
    /// Pays back what nobody ordered.
    pub strays: Strays,
    /// Sends to webhooks.
    pub webhooks: Sender<Webhooks>,
    /// Sends to browsers.
    pub pushes: Sender<Pushes>,
}

impl App {
    /// Puts it together with the payment provider and mail as configured. Nothing connects yet.
    pub fn build(config: &Config, platform: Platform) -> anyhow::Result<Self> {
        Self::build_with(config, platform, config.payments.gateway()?)
    }

    /// Puts it together with another payment provider, such as one with faults.
    pub fn build_with(
        config: &Config,
        platform: Platform,
        gateway: Arc<dyn PaymentGateway>,
    ) -> anyhow::Result<Self> {
        let door = door(config, &platform)?;
        Self::build_behind(config, platform, gateway, door)
    }

    /// Puts it together behind another edge as well, such as one in this process.
    pub fn build_behind(
        config: &Config,
        platform: Platform,
        gateway: Arc<dyn PaymentGateway>,
        door: Option<Arc<dyn FeedDoor>>,
    ) -> anyhow::Result<Self> {
        let gateway: Arc<dyn PaymentGateway> = Arc::new(Traced(gateway));
        let pool = pool::shop(&config.databases)?;
        let workers = pool::workers(&config.databases)?;
        let wake = Arc::new(Notify::new());
        let email = Email::new(Mailer::from_config(&config.mail)?);
        let derivation_key = config.derivation_key()?;
        let refunds = Refunds::new(gateway.clone(), derivation_key.clone(), platform.clone());
        let metrics = Arc::new(Metrics::new()?);
        let probes = pool::probes(&config.databases)?;
        let cache = shared_cache(config, &probes, &platform, &metrics)?;
        let purge = Purge::new(door, cache.clone(), platform.clone());
        let webhooks_wake = Arc::new(Notify::new());
        let draining = CancellationToken::new();
        let notification = Notification::new(platform.clone(), webhooks_wake.clone());
        let webhooks_allow_private = config.webhooks.webhooks_allow_private;
        let webhooks = Sender::new(
            Webhooks::new(
                workers.clone(),
                platform.clone(),
                Poster::new(Arc::new(SystemResolver), webhooks_allow_private)?,
                derivation_key.clone(),
            ),
            platform.clone(),
            webhooks_wake.clone(),
            draining.clone(),
        );
        let public_url = config.public_url.trim_end_matches('/').to_owned();
        let web_push: Arc<dyn PushGateway> = Arc::new(WebPush::new(
            workers.clone(),
            platform.clone(),
            Poster::new(Arc::new(SystemResolver), webhooks_allow_private)?,
            public_url.clone(),
        ));
        let pushes_wake = Arc::new(Notify::new());
        let pushes = Sender::new(
            Pushes::new(workers.clone(), web_push),
            platform.clone(),
            pushes_wake.clone(),
            draining.clone(),
        );
        let consumers: Vec<Arc<dyn Consumer>> = vec![
            Arc::new(email),
            Arc::new(refunds),
            Arc::new(purge),
            Arc::new(notification),
            Arc::new(Push::new(platform.clone(), pushes_wake)),
            Arc::new(Inventory),
            Arc::new(Analytics),
        ];
        let relay = Relay::new(workers.clone(), platform.clone(), wake.clone(), consumers);
        let queue_url = config.queue_url.as_deref().filter(|url| !url.is_empty());
        let relay = relay.with_broker(queue_url.map(queue::broker).transpose()?);
        let bell = bell(config)?;
        let alerts = Alerts::new(workers.clone(), platform.clone(), bell);
        let retention = Retention::new(workers.clone(), platform.clone());
        let (reads, reports) = Reads::new(
            pool::home(&config.databases, &pool, &probes)?,
            pool::replica(&config.databases)?,
            cache,
            platform.clone(),
            metrics.clone(),
        );
        let parts = Arc::new(Parts {
            probes,
            admission: Admission::new(config.places()),
            reads,
            reports,
            platform,
            gateway,
            payments: config.payments.limits()?,
            webhooks: config.payments.verifier()?,
            assertion_keys: config.assertion_keys()?,
            derivation_key,
            keys: Keys::default(),
            passwords: Passwords::new(),
            issuer: config.issuing.issuer.clone(),
            audience: config.issuing.audience.clone(),
            public_url,
            direct_tokens: config.direct_tokens,
            wake,
            draining,
            webhooks_allow_private,
            webhooks_wake,
            metrics,
            tasks: TaskTracker::new(),
        });
        let shop = Shop { pool, parts };
        // Whatever waits for them waits for no client, nor a client for them.
        let behind = shop.over(workers);
        Ok(Self {
            api: routes::api(shop.clone(), &Service::ALL),
            completer: Completer::new(behind.clone()),
            sweeper: Sweeper::new(behind.clone()),
            strays: Strays::new(behind),
            webhooks,
            pushes,
            shop,
            relay,
            retention,
            alerts,
        })
    }

    /// The same, of whose API only these parts are served.
    #[must_use]
    pub fn serving(mut self, services: &[Service]) -> Self {
        self.api = routes::api(self.shop.clone(), services);
        self
    }
}

/// The cache that is configured, if one is.
fn shared_cache(
    config: &Config,
    primary: &PgPool,
    platform: &Platform,
    metrics: &Arc<Metrics>,
) -> anyhow::Result<Option<Arc<SharedCache>>> {
    let url = config.cache_url.as_ref().map(ExposeSecret::expose_secret);
    let Some(url) = url.filter(|url| !url.is_empty()) else {
        return Ok(None);
    };
    let server = cache::server(url)?;
    let cache = SharedCache::new(server, primary.clone(), platform.clone(), metrics.clone());
    Ok(Some(Arc::new(cache)))
}

/// Where alerts are sent, if anywhere.
fn bell(config: &Config) -> anyhow::Result<Option<Arc<dyn Bell>>> {
    let url = config.alert_webhook_url.as_deref();
    let Some(url) = url.filter(|url| !url.is_empty()) else {
        return Ok(None);
    };
    Ok(Some(Arc::new(HttpBell::new(url)?)))
}

/// The door of the edge that is configured, if one is.
fn door(config: &Config, platform: &Platform) -> anyhow::Result<Option<Arc<dyn FeedDoor>>> {
    let Some(url) = config.edge_url.as_deref().filter(|url| !url.is_empty()) else {
        return Ok(None);
    };
    let door = HttpDoor::new(url, config.assertion_keys()?, platform.clone())?;
    Ok(Some(Arc::new(door)))
}
