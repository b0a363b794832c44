//! Pushes to browsers: who hears of what, what a browser can read, and what becomes of those that fail. The
//! push service is a real server; the browser decrypts with somebody else's code.

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use origin::app::App;
use origin::seed;
use serde_json::{Value, json};
use shared::caller::Role;
use shared::id::EventId;
use xtask::environment::Environment;
use xtask::progress::Progress;
use xtask::{peers, process};

use crate::callers::JSON;
use crate::harness::{Answer, Shop, platform};
use crate::receiver::{Got, Receiver, Reply};

/// The browser of the standard's example: where nobody reads, any will do.
const P256DH: &str =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";
const SUBSCRIPTIONS: &str = "select count(*) from push_subscriptions";
const DELIVERIES: &str = "select count(*) from push_deliveries";

/// Where the demo customer's subscriptions are.
fn path() -> String {
    format!("/users/{}/push-subscriptions", seed::customer())
}

fn subscription(endpoint: &str) -> String {
    json!({"endpoint": endpoint, "keys": {"p256dh": P256DH, "auth": AUTH}}).to_string()
}

impl Shop {
    /// Lets a browser of the demo customer's hear.
    async fn subscribe(&self, body: &str) -> Value {
        let made = self.mine("POST", &path(), body).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.json()
    }

    /// A request of the demo customer's, whose token is fresh however far the clock has gone.
    async fn mine(&self, method: &str, path: &str, body: &str) -> Answer {
        let customer = seed::customer().to_string();
        let token = self.token(&customer, Role::Customer).await;
        let fields: &[_] = if body.is_empty() { &[] } else { &[JSON] };
        self.ask(&token, method, path, fields, body).await
    }

    /// Carries events to the consumers, and on to the browsers what is due. How many pushes that were.
    async fn push_all(&self) -> usize {
        self.carry().await;
        self.app.pushes.step().await.unwrap()
    }
}

/// The event that a push is of.
fn topic(got: &Got) -> String {
    got.field("topic").to_owned()
}

/// Somebody else's code for browsers, where it can be had.
struct Browser {
    python: PathBuf,
    keys: Value,
}

impl Browser {
    fn new() -> Option<Self> {
        let environment = Environment::read();
        let peer = peers::http_ece(&environment, Progress::shown()).unwrap();
        let python = peer.or_skip(environment.ci).unwrap()?;
        let mut browser = Self {
            python,
            keys: Value::Null,
        };
        browser.keys = browser.run("new", "");
        Some(browser)
    }

    fn run(&self, what: &str, input: &str) -> Value {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shop/push/browser.py");
        let mut command = Command::new(&self.python);
        command.arg(script).arg(what);
        let told = process::run_with_input("a browser", &mut command, input, "It must read it.");
        serde_json::from_str(&told.unwrap()).unwrap()
    }

    fn subscription(&self, endpoint: &str) -> String {
        let keys = json!({"p256dh": self.keys["p256dh"], "auth": self.keys["auth"]});
        json!({"endpoint": endpoint, "keys": keys}).to_string()
    }

    /// What it reads, and what the shop says of itself.
    fn read(&self, got: &Got) -> (Value, Value) {
        let push = json!({
            "private": self.keys["private"],
            "auth": self.keys["auth"],
            "body": STANDARD.encode(&got.body),
            "authorization": got.field("authorization"),
        });
        let read = self.run("read", &push.to_string());
        let text = serde_json::from_str(read["text"].as_str().unwrap()).unwrap();
        (text, read["claims"].clone())
    }
}

#[tokio::test]
async fn a_browser_reads_what_became_of_its_users_order_and_nobody_else_hears() {
    let Some(browser) = Browser::new() else {
        return;
    };
    let shop = Shop::open().await;
    let mut service = Receiver::open().await;
    let endpoint = service.url("/browser");
    shop.subscribe(&browser.subscription(&endpoint)).await;
    // Somebody else's: the shop's admin has ordered nothing.
    let admin = format!("/users/{}/push-subscriptions", seed::admin());
    let body = subscription(&service.url("/other"));
    let made = shop.ask(&shop.admin, "POST", &admin, &[JSON], &body).await;
    assert_eq!(made.status, 201, "{made:?}");

    let order = shop.confirmed("a").await;
    assert_eq!(shop.push_all().await, 1);
    let got = service.next().await;
    assert_eq!(got.path, "/browser");
    assert_eq!(got.field("content-encoding"), "aes128gcm");
    assert_eq!(got.field("ttl"), "86400");
    let (text, claims) = browser.read(&got);
    assert_eq!(text["type"], "order.confirmed");
    assert_eq!(
        text["order"],
        json!({"id": order["id"], "status": "confirmed"})
    );
    let event: EventId = text["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(topic(&got), URL_SAFE_NO_PAD.encode(event.uuid().as_bytes()));
    // The token is for this push service alone, and for half a day.
    let now = shop.app.shop.platform.now().timestamp();
    assert_eq!(
        claims,
        json!({"aud": endpoint.trim_end_matches("/browser"), "exp": now + 12 * 3600,
            "sub": "http://shop.example"})
    );
    // It is signed by the key that browsers subscribe with.
    let key = shop.get("/push-key", &[]).await.json();
    let signed = format!("k={}", key["public_key"].as_str().unwrap());
    assert!(got.field("authorization").ends_with(&signed), "{signed}");
    // Once.
    assert_eq!(shop.push_all().await, 0);
    assert!(service.all().is_empty());
    assert_eq!(shop.count(DELIVERIES).await, 0);
}

#[tokio::test]
async fn a_push_is_tried_again_under_its_topic_and_not_before_it_is_welcome() {
    let shop = Shop::open().await;
    let mut service = Receiver::open().await;
    service.answers("/b", [Reply::Field(429, "retry-after", "120".to_owned())]);
    shop.subscribe(&subscription(&service.url("/b"))).await;
    shop.confirmed("a").await;
    assert_eq!(shop.push_all().await, 1);
    let first = service.next().await;
    shop.clock.advance_ms(119_000);
    // What comes after it waits behind it.
    shop.confirmed("b").await;
    assert_eq!(shop.push_all().await, 0);
    shop.clock.advance_ms(1_001);
    assert_eq!(shop.push_all().await, 1);
    let again = service.next().await;
    assert_eq!(topic(&first), topic(&again));
    // Encrypted anew, for less time.
    assert_ne!(first.body, again.body);
    assert_eq!(again.field("ttl"), (86_400 - 121).to_string());
    assert_eq!(shop.push_all().await, 1);
    assert_ne!(topic(&service.next().await), topic(&again));
    assert_eq!(shop.count(DELIVERIES).await, 0);
}

#[tokio::test]
async fn a_browser_that_is_gone_is_forgotten() {
    for status in [404, 410] {
        let shop = Shop::open().await;
        let mut service = Receiver::open().await;
        service.answers("/gone", [Reply::Status(status)]);
        shop.subscribe(&subscription(&service.url("/gone"))).await;
        shop.subscribe(&subscription(&service.url("/here"))).await;
        shop.confirmed("a").await;
        assert_eq!(shop.push_all().await, 2);
        shop.confirmed("b").await;
        assert_eq!(shop.push_all().await, 1);
        let mut paths: Vec<_> = service.all().into_iter().map(|got| got.path).collect();
        paths.sort();
        assert_eq!(paths, ["/gone", "/here", "/here"]);
        assert_eq!(shop.count(SUBSCRIPTIONS).await, 1);
        assert_eq!(shop.count(DELIVERIES).await, 0);
    }
}

#[tokio::test]
async fn a_push_that_nobody_takes_is_no_news_after_a_day() {
    let shop = Shop::open().await;
    let service = Receiver::open().await;
    service.answers("/b", vec![Reply::Status(500); 100]);
    shop.subscribe(&subscription(&service.url("/b"))).await;
    shop.confirmed("a").await;
    shop.carry().await;
    let mut tries = 0;
    while shop.count(DELIVERIES).await > 0 {
        tries += shop.push_all().await;
        shop.clock.advance_ms(3_600_001);
        assert!(tries < 30, "it has no end");
    }
    assert!(tries > 10, "{tries}");
    assert_eq!(shop.count(SUBSCRIPTIONS).await, 1);
}

#[tokio::test]
async fn a_worker_that_dies_leaves_its_push_to_the_next() {
    let shop = Shop::open().await;
    let mut service = Receiver::open().await;
    service.answers("/b", [Reply::Held]);
    shop.subscribe(&subscription(&service.url("/b"))).await;
    shop.confirmed("a").await;
    shop.carry().await;
    let app = shop.app.clone();
    let worker = tokio::spawn(async move { app.pushes.step().await });
    let first = service.next().await;
    worker.abort();
    assert_eq!(shop.push_all().await, 0);
    shop.clock.advance_ms(60_001);
    assert_eq!(shop.push_all().await, 1);
    assert_eq!(topic(&service.next().await), topic(&first));
    assert_eq!(shop.count(DELIVERIES).await, 0);
}

#[tokio::test]
async fn no_push_goes_to_a_private_address() {
    let shop = Shop::open().await;
    let mut service = Receiver::open().await;
    let endpoint = service.url("/b");
    let mut config = shop.config.clone();
    config.webhooks.webhooks_allow_private = false;
    let strict = App::build_with(&config, platform(&shop.clock), shop.provider.clone()).unwrap();
    // One that was subscribed before, or whose name leads elsewhere by now.
    for endpoint in [
        endpoint.clone(),
        endpoint.replace("http://127.0.0.1", "https://localhost"),
    ] {
        shop.subscribe(&subscription(&endpoint)).await;
    }
    shop.confirmed("a").await;
    shop.carry().await;
    assert_eq!(strict.pushes.step().await.unwrap(), 2);
    assert!(service.all().is_empty());
    assert_eq!(shop.count(DELIVERIES).await, 0);

    let strict = Shop {
        app: strict.into(),
        clock: shop.clock.clone(),
        provider: shop.provider.clone(),
        config,
        customer: shop.customer.clone(),
        admin: shop.admin.clone(),
    };
    for (endpoint, code) in [
        ("http://push.example/b", "scheme"),
        ("https://127.0.0.1/b", "private_address"),
        ("https://[::ffff:10.0.0.1]/b", "private_address"),
    ] {
        let refused = strict.mine("POST", &path(), &subscription(endpoint)).await;
        assert_eq!(refused.status, 400, "{endpoint}: {refused:?}");
        let fault = refused.json()["errors"][0].clone();
        assert_eq!(
            (&fault["pointer"], &fault["code"]),
            (&json!("/endpoint"), &json!(code))
        );
    }
}

#[tokio::test]
async fn a_browser_is_one_users_at_a_time_and_each_has_so_many() {
    let shop = Shop::open().await;
    let endpoint = |number: usize| format!("https://push.example/{number}");
    let made = shop.subscribe(&subscription(&endpoint(0))).await;
    let id = made["id"].as_str().unwrap();
    assert!(id.starts_with("psb_"), "{id}");
    let again = shop.subscribe(&subscription(&endpoint(0))).await;
    assert_eq!(again["id"], made["id"]);
    let one = format!("{}/{id}", path());
    let read = shop.mine("GET", &one, "").await;
    assert_eq!((read.status, read.json()), (200, made.clone()));
    for number in 1..20 {
        shop.subscribe(&subscription(&endpoint(number))).await;
    }
    let refused = shop
        .mine("POST", &path(), &subscription(&endpoint(20)))
        .await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (409, "limit_reached")
    );
    let list = shop.mine("GET", &path(), "").await.json();
    assert_eq!(list["data"].as_array().unwrap().len(), 20);
    // Whoever uses the browser now hears, and the other one does not.
    let admin = format!("/users/{}/push-subscriptions", seed::admin());
    let body = subscription(&endpoint(0));
    let taken = shop.ask(&shop.admin, "POST", &admin, &[JSON], &body).await;
    assert_eq!(taken.status, 201, "{taken:?}");
    assert_eq!(shop.mine("GET", &one, "").await.status, 404);
    // It is nobody else's to see or to end.
    let theirs = format!("{admin}/{}", taken.json()["id"].as_str().unwrap());
    for method in ["GET", "DELETE"] {
        assert_eq!(shop.mine(method, &theirs, "").await.status, 404);
    }
    let gone = shop.ask(&shop.admin, "DELETE", &theirs, &[], "").await;
    assert_eq!(gone.status, 204);
    assert_eq!(shop.count(SUBSCRIPTIONS).await, 19);
}

#[tokio::test]
async fn there_is_one_key_for_good() {
    let shop = Shop::open().await;
    let other = App::build_with(&shop.config, platform(&shop.clock), shop.provider.clone());
    let first = shop.get("/push-key", &[]).await;
    assert_eq!(first.status, 200);
    assert_eq!(first.field("cache-control"), "public, max-age=3600");
    let shop = Shop {
        app: other.unwrap().into(),
        ..shop
    };
    assert_eq!(shop.get("/push-key", &[]).await.json(), first.json());
    assert_eq!(shop.count("select count(*) from push_keys").await, 1);
}
