//! Orders for a while, with all that follows from them: how far consumers fall behind, what the log leaves to
//! be vacuumed, and how the origin's memory grows.
//!
//! `SOAK_SECONDS=1200` runs it in full, and holds it to its bounds; a check affords a few seconds.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use tests::shop::Shop;
use tests::wait::{Stopwatch, until_within};

/// How long, in a run that a check can afford.
const SECONDS: u64 = 5;
/// Orders a second, if the machine gives them.
const ORDERS_A_SECOND: u64 = 500;
/// Clients that order at once.
const CLIENTS: usize = 16;
/// Between two looks.
const LOOK_SECONDS: u64 = 5;
/// As a token lives for ten minutes.
const RENEW_SECONDS: u64 = 300;
/// From here on it is a soak.
const SOAK_SECONDS_MIN: u64 = 60;
/// Furthest that a consumer may be behind, in a soak.
const LAG_MS_MAX: i64 = 10_000;
/// What the origin may grow by after the first third of a soak, in KiB.
const GROWTH_KIB_MAX: i64 = 64 * 1024;

const LAG_MS: &str = "select coalesce(max(extract(epoch from clock_timestamp() - (
    select created_at from ticks where id > tick_id order by id limit 1)) * 1000), 0)::bigint
    from subscriptions";
const LEFT: &str = "select count(*) from outbox where type = 'order.confirmed' and not exists (
    select 1 from inbox where consumer = 'analytics' and event_id = outbox.id)";
const DEAD_TUPLES: &str = "select coalesce(sum(n_dead_tup), 0)::bigint from pg_stat_user_tables
    where relname like 'outbox%'";
const EVENTS: &str = "select count(*) from outbox where type = 'order.confirmed'";

fn seconds() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "how a longer run is asked for")]
    let asked = std::env::var("SOAK_SECONDS").ok();
    asked
        .and_then(|asked| asked.parse().ok())
        .unwrap_or(SECONDS)
}

/// Those who order, each what it likes.
#[derive(Clone)]
struct Clients {
    http: reqwest::Client,
    url: String,
    token: Arc<Mutex<String>>,
    orders: Arc<Vec<Value>>,
    begun: Arc<AtomicU64>,
    done: Arc<AtomicU64>,
    unknown: Arc<AtomicU64>,
}

impl Clients {
    async fn of(shop: &Shop) -> Self {
        let http = reqwest::Client::new();
        let url = format!("{}/v2", shop.origin_url());
        let list = http.get(format!("{url}/products?limit=100")).send().await;
        let list: Value = list.expect("a list").json().await.expect("JSON");
        let products = list["data"].as_array().expect("products");
        let order = |product: &Value| {
            json!({
                "items": [{"product_id": product["id"], "quantity": 1}],
                "payment_method": "pm_card_visa",
                "expected_total": product["price"],
                "shipping_address": {"name": "Ada", "line1": "1 Main St", "city": "Bern",
                    "postal_code": "3000", "country": "CH"},
            })
        };
        Self {
            http,
            url: format!("{url}/orders"),
            token: Arc::new(Mutex::new(shop.renewed_token())),
            orders: Arc::new(products.iter().map(order).collect()),
            begun: Arc::default(),
            unknown: Arc::default(),
            done: Arc::default(),
        }
    }

    fn token(&self) -> std::sync::MutexGuard<'_, String> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Orders until the time is over, no faster than it should.
    async fn order(self, seconds: u64) {
        let clock = Stopwatch::start();
        loop {
            let number = self.begun.fetch_add(1, Ordering::SeqCst);
            let due = Duration::from_millis(number * 1000 / ORDERS_A_SECOND);
            tokio::time::sleep(due.saturating_sub(clock.elapsed())).await;
            if clock.elapsed() >= Duration::from_secs(seconds) {
                return;
            }
            let place = usize::try_from(number).expect("a number") % self.orders.len();
            let token = self.token().clone();
            let request = self.http.post(&self.url).bearer_auth(token);
            let request = request.header("idempotency-key", format!("soak-{number}"));
            let answer = request.json(&self.orders[place]).send().await;
            let answer = answer.expect("an answer");
            let status = answer.status();
            let text = answer.text().await.expect("a body");
            // Full up is an answer, too: this machine gives no more.
            if status == StatusCode::SERVICE_UNAVAILABLE {
                // What is not known may still come.
                let unknown = u64::from(text.contains(r#""outcome":"unknown""#));
                self.unknown.fetch_add(unknown, Ordering::SeqCst);
            } else {
                assert_eq!(status, StatusCode::CREATED, "{text}");
                self.done.fetch_add(1, Ordering::SeqCst);
            }
        }
    }
}

/// What was seen at one look.
struct Look {
    lag_ms: i64,
    memory_kib: i64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn consumers_keep_up_and_nothing_piles_up() {
    let seconds = seconds();
    let shop = Shop::start().await;
    shop.execute("update inventory set available = 1000000")
        .await;
    let clients = Clients::of(&shop).await;
    let clock = Stopwatch::start();
    let ordering: Vec<_> = (0..CLIENTS)
        .map(|_| tokio::spawn(clients.clone().order(seconds)))
        .collect();
    let (mut looks, mut mails, mut renewed) = (Vec::new(), 0, 0);
    while clock.elapsed() < Duration::from_secs(seconds) {
        tokio::time::sleep(Duration::from_secs(LOOK_SECONDS.min(seconds))).await;
        mails += shop.take_mails();
        let at = clock.elapsed().as_secs();
        if at >= renewed + RENEW_SECONDS {
            *clients.token() = shop.renewed_token();
            renewed = at;
        }
        let look = Look {
            lag_ms: shop.count(LAG_MS).await,
            memory_kib: shop.origin_memory_kib().unwrap_or_default(),
        };
        println!(
            "{at} s: {} orders, {mails} mails, behind by {} ms, {} dead tuples, origin {} MiB",
            clients.done.load(Ordering::SeqCst),
            look.lag_ms,
            shop.count(DEAD_TUPLES).await,
            look.memory_kib / 1024,
        );
        looks.push(look);
    }
    for ordering in ordering {
        ordering.await.expect("all are answered");
    }
    let orders = i64::try_from(clients.done.load(Ordering::SeqCst)).expect("a number");
    assert!(orders > 0, "nobody ordered");
    // What is done at last: each order's event, its sums and its mail.
    until_within(120, "all that follows", || async {
        (shop.count(LEFT).await == 0).then_some(())
    })
    .await;
    let events = shop.count(EVENTS).await;
    let unknown = i64::try_from(clients.unknown.load(Ordering::SeqCst)).expect("a number");
    assert!((orders..=orders + unknown).contains(&events), "{events}");
    let expected = usize::try_from(events).expect("a number");
    until_within(120, "all mails", || {
        mails += shop.take_mails();
        let there = mails;
        async move { (there >= expected).then_some(()) }
    })
    .await;
    assert_eq!(shop.count(EVENTS).await, events);
    assert_eq!(mails, expected);
    assert_eq!(shop.count("select count(*) from dead_letters").await, 0);
    // The log is written once and dropped by the week.
    let dead = shop.count(DEAD_TUPLES).await;
    assert!(dead * 100 <= orders, "{dead} dead tuples");
    let worst = looks.iter().map(|look| look.lag_ms).max().unwrap_or(0);
    let third = looks[looks.len() / 3].memory_kib;
    let last = looks[looks.len() - 1].memory_kib;
    println!(
        "{orders} orders in {seconds} s, behind by {worst} ms at most, {dead} dead tuples, {} MiB \
         after a third, {} MiB at the end",
        third / 1024,
        last / 1024
    );
    if seconds >= SOAK_SECONDS_MIN {
        assert!(worst <= LAG_MS_MAX, "behind by {worst} ms");
        assert!(last - third <= GROWTH_KIB_MAX, "{third} KiB, {last} KiB");
    }
}
