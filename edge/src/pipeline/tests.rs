//! The whole pipeline on the platform in memory, before a small origin that counts.

mod cache;
mod cache_model;
mod callers;
mod encodings;
mod feed;
mod firewall;
mod http_semantics;
mod object_calls;
mod order_of_checks;
mod pool;
mod presets;
mod shapes;
mod shield;
mod versions;
mod views;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use ed25519_compact::{KeyPair, Seed};
use http::{Request, Response};
use serde_json::{Value, json};

use super::*;
use crate::config::tests::shop;
use crate::platform::memory::{Faults, Lost, Memory};

const NOW: u64 = 1_800_000_000_000;
const SECRET: &str = "k:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

struct Shop {
    memory: Memory,
    isolate: Isolate,
    seen: Rc<RefCell<Vec<Request<Bytes>>>>,
}

struct Answered {
    status: u16,
    fields: http::HeaderMap,
    body: Vec<u8>,
}

impl Answered {
    fn field(&self, name: &str) -> &str {
        self.fields
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

fn keys() -> KeyPair {
    KeyPair::from_seed(Seed::new([3; 32]))
}

fn bearer(claims: &Value) -> String {
    format!("Bearer {}", token(claims))
}

fn token(claims: &Value) -> String {
    let part = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let mut all = json!({"iss": "headgate", "aud": "headgate", "sub": "usr_1",
        "exp": NOW / 1000 + 600, "role": "customer"});
    all.as_object_mut()
        .unwrap()
        .extend(claims.as_object().unwrap().clone());
    let message = format!(
        "{}.{}",
        part(json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "1"})),
        part(all)
    );
    let signature = keys().sk.sign(message.as_bytes(), None);
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}

/// A small origin: products are cacheable, every POST is a new committed order, keys are known.
fn origin(orders: &Cell<u32>, request: &Request<Bytes>) -> Response<Bytes> {
    let answer = Response::builder();
    match (request.method().as_str(), request.uri().path()) {
        (_, "/.well-known/jwks.json") => {
            let x = URL_SAFE_NO_PAD.encode(keys().pk.as_ref());
            let jwk = json!({"kty": "OKP", "crv": "Ed25519", "kid": "1", "x": x});
            answer.body(json!({"keys": [jwk]}).to_string().into())
        }
        ("POST", "/orders") => {
            orders.set(orders.get() + 1);
            let declined = request.body().as_ref() == b"\"declined\"";
            let refused = request.body().as_ref() == b"\"refused\"";
            let status = if refused {
                409
            } else if declined {
                402
            } else {
                201
            };
            let mut answer = answer.status(status).header("location", "/orders/1");
            if !refused {
                answer = answer.header(shared::header::COMMITTED, "true");
            }
            answer.body(format!("order {}", orders.get()).into())
        }
        ("GET", "/orders") => answer
            .header("cache-control", "private, no-store")
            .body("mine".into()),
        ("GET", path) if path.starts_with("/products") => {
            let body = request.uri().to_string();
            answer
                .header("cache-control", "public, max-age=0, must-revalidate")
                .header("cdn-cache-control", "max-age=3600")
                .header("cache-tag", "product:1 products")
                .header("content-length", body.len())
                .header("etag", "\"1\"")
                .body(body.into())
        }
        _ => answer.status(404).body(Bytes::new()),
    }
    .unwrap()
}

fn start() -> Shop {
    let orders: Cell<u32> = Cell::default();
    start_before(shop(), move |request| origin(&orders, request))
}

/// The pipeline with a configuration, before an origin.
fn start_before(
    gateway: Gateway,
    origin: impl Fn(&Request<Bytes>) -> Response<Bytes> + 'static,
) -> Shop {
    let seen: Rc<RefCell<Vec<Request<Bytes>>>> = Rc::default();
    let log = Rc::clone(&seen);
    let memory = Memory::new(NOW, 1, move |request| {
        let response = origin(&request);
        log.borrow_mut().push(request);
        Box::pin(async move { response })
    });
    let settings = Settings {
        assertion_keys: SECRET.parse().unwrap(),
        public_url: None,
        converters: shared::versions::REVISION,
    };
    Shop {
        memory,
        isolate: Isolate::new(gateway, settings),
        seen,
    }
}

impl Shop {
    async fn send(&self, request: http::request::Builder, body: &str) -> Answered {
        self.send_bytes(request, body.as_bytes().to_vec()).await
    }

    async fn send_bytes(&self, request: http::request::Builder, body: Vec<u8>) -> Answered {
        self.deliver(request, body, "192.0.2.1").await
    }

    async fn send_from(&self, request: http::request::Builder, address: &str) -> Answered {
        self.deliver(request, Vec::new(), address).await
    }

    async fn deliver(
        &self,
        request: http::request::Builder,
        body: Vec<u8>,
        address: &str,
    ) -> Answered {
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let mut inbound = Inbound {
            parts,
            body: Body::Bytes(body.into()),
            address: Some(address.into()),
            country: Some("CH".into()),
        };
        let uri = format!("https://shop.example{}", inbound.parts.uri);
        inbound.parts.uri = uri.parse().unwrap();
        let response = handle(&self.memory, &self.isolate, inbound).await;
        let (parts, body) = response.into_parts();
        let body = self.memory.read_all(body).await;
        Answered {
            status: parts.status.as_u16(),
            fields: parts.headers,
            body,
        }
    }

    async fn get(&self, path: &str) -> Answered {
        self.send(Request::get(path), "").await
    }

    async fn order(&self, key: &str, body: &str) -> Answered {
        let request = Request::post("/v2/orders")
            .header("authorization", format!("Bearer {}", token(&json!({}))))
            .header("idempotency-key", key)
            .header("content-type", "application/json");
        self.send(request, body).await
    }

    fn calls(&self, path: &str) -> usize {
        self.seen
            .borrow()
            .iter()
            .filter(|request| request.uri().path() == path)
            .count()
    }

    fn fetches(&self, fates: &[Option<Lost>]) {
        let fetches = VecDeque::from(fates.to_vec());
        self.memory.set_faults(Faults {
            fetches,
            ..Faults::default()
        });
    }
}

impl Memory {
    async fn read_all(&self, body: Body<Bytes>) -> Vec<u8> {
        use crate::platform::Origin;
        self.read(body, usize::MAX, 1).await.unwrap().to_vec()
    }
}

#[tokio::test]
async fn a_copy_is_a_miss_then_a_hit_that_ages_then_stale() {
    let shop = start();
    let first = shop.get("/v2/products/1?utm_source=x").await;
    assert_eq!(
        first.field("cache-status"),
        "headgate; fwd=uri-miss; stored"
    );
    assert_eq!(first.field("cache-tag"), "");
    shop.memory.run_deferred().await;
    shop.memory.advance_ms(5_000);
    let second = shop.get("/products/1").await;
    assert_eq!(second.field("cache-status"), "headgate; hit; ttl=3595");
    // The time is of this answer, not of the one that was stored.
    assert_eq!(first.field("server-timing"), "edge;dur=0, origin;dur=0");
    assert_eq!(second.field("server-timing"), "edge;dur=0");
    assert_eq!((second.field("age"), &second.body), ("5", &first.body));
    assert_eq!(shop.calls("/products/1"), 1);
    // An hour of freshness, and the minute in which a stale copy answers while it is fetched.
    shop.memory.advance_ms(3_655_000);
    let third = shop.get("/products/1").await;
    assert_eq!(third.field("cache-status"), "headgate; fwd=stale; stored");
}

#[tokio::test]
async fn a_shared_copy_is_fetched_for_nobody() {
    let shop = start();
    let request = Request::get("/products?limit=5&cursor=x")
        .header("authorization", format!("Bearer {}", token(&json!({}))))
        .header("cookie", "a=b")
        .header("if-none-match", "\"1\"")
        .header("headgate_assertion", "forged");
    let answer = shop.send(request, "").await;
    assert_eq!(answer.status, 304);
    let seen = shop.seen.borrow();
    let request = seen.last().unwrap();
    assert_eq!(request.uri(), "/products?cursor=x&limit=5");
    for absent in [
        "authorization",
        "cookie",
        "if-none-match",
        "headgate_assertion",
    ] {
        assert!(!request.headers().contains_key(absent), "{absent}");
    }
    let assertion = request.headers()[shared::header::ASSERTION]
        .to_str()
        .unwrap();
    let keys: AssertionKeys = SECRET.parse().unwrap();
    let now = i64::try_from(NOW / 1000).unwrap();
    let asserted = keys
        .verify(assertion, "GET", "/products?cursor=x&limit=5", now)
        .unwrap();
    assert_eq!(asserted.caller, Caller::Anonymous);
    assert_eq!(asserted.prefix, "");
}

#[tokio::test]
async fn head_and_conditions_are_answered_from_the_copy() {
    let shop = start();
    shop.get("/products/1").await;
    shop.memory.run_deferred().await;
    let head = shop.send(Request::head("/products/1"), "").await;
    assert_eq!(
        (head.status, head.body.len(), head.field("etag")),
        (200, 0, "\"1\"")
    );
    let same = shop
        .send(
            Request::get("/products/1").header("if-none-match", "W/\"1\""),
            "",
        )
        .await;
    assert_eq!(
        (same.status, same.body.len(), same.field("etag")),
        (304, 0, "\"1\"")
    );
    assert_eq!(shop.calls("/products/1"), 1);
}

#[tokio::test]
async fn what_is_private_is_never_stored() {
    let shop = start();
    let get = || {
        Request::get("/v2/orders").header("authorization", format!("Bearer {}", token(&json!({}))))
    };
    for _ in 0..2 {
        assert_eq!(shop.send(get(), "").await.status, 200);
        shop.memory.run_deferred().await;
    }
    assert_eq!(shop.calls("/orders"), 2);
}

#[tokio::test]
async fn a_key_orders_once_and_replays_the_same_bytes() {
    let shop = start();
    let first = shop.order("k", "{}").await;
    assert_eq!((first.status, first.field("location")), (201, "/orders/1"));
    assert_eq!(first.field("headgate-committed"), "");
    shop.memory.run_deferred().await;
    let again = shop.order("\"k\"", "{ }").await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.field("idempotent-replayed"), "true");
    assert_eq!(again.field("location"), "/orders/1");
    assert_eq!(
        again.field("original-request-id"),
        first.field("x-request-id")
    );
    assert_ne!(again.field("x-request-id"), first.field("x-request-id"));
    let other = shop.order("k", "[]").await;
    assert_eq!(other.field("error-code"), "idempotency_key_reused");
    assert!(other.json()["detail"].as_str().unwrap().contains("body"));
    assert_eq!(shop.calls("/orders"), 1);
}

#[tokio::test]
async fn a_decline_is_kept_and_a_refusal_frees_the_key() {
    let shop = start();
    assert_eq!(shop.order("a", "\"declined\"").await.status, 402);
    assert_eq!(shop.order("b", "\"refused\"").await.status, 409);
    shop.memory.run_deferred().await;
    assert_eq!(
        shop.order("a", "\"declined\"")
            .await
            .field("idempotent-replayed"),
        "true"
    );
    assert_eq!(shop.order("b", "\"refused\"").await.status, 409);
    assert_eq!(shop.calls("/orders"), 3);
}

#[tokio::test]
async fn a_duplicate_in_flight_is_told_so() {
    let shop = start();
    shop.order("k", "{}").await;
    // Not yet settled: the first one's lead stands.
    let second = shop.order("k", "{}").await;
    assert_eq!((second.status, second.field("retry-after")), (409, "1"));
    assert_eq!(second.field("error-code"), "idempotency_in_progress");
    assert_eq!(second.json()["safe_new_key"], false);
}

#[tokio::test]
async fn a_lost_try_frees_the_lead_and_names_its_outcome() {
    let shop = start();
    shop.get("/orders").await;
    for (lost, status, outcome) in [
        (Lost::Request, 502, "not_applied"),
        (Lost::Reply, 502, "unknown"),
    ] {
        shop.fetches(&[Some(lost)]);
        let answer = shop.order("k", "{}").await;
        assert_eq!((answer.status, answer.field("retry-after")), (status, "1"));
        assert_eq!(answer.json()["outcome"], outcome);
        // An earlier call under the key may have done the work.
        assert_eq!(answer.json()["safe_new_key"], false);
        shop.memory.run_deferred().await;
    }
    assert_eq!(shop.order("k", "{}").await.status, 201);
}

#[tokio::test]
async fn without_replay_objects_the_origin_decides() {
    let shop = start();
    shop.memory.set_faults(Faults {
        answers_down: true,
        ..Faults::default()
    });
    assert_eq!(shop.order("k", "{}").await.status, 201);
    assert_eq!(shop.order("k", "{}").await.status, 201);
    assert_eq!(shop.calls("/orders"), 2);
}

#[tokio::test]
async fn checks_come_in_their_order() {
    let shop = start();
    let post = || Request::post("/v2/orders");
    let known =
        |claims: Value| post().header("authorization", format!("Bearer {}", token(&claims)));
    let long = "x".repeat(70_000);
    for (request, body, code) in [
        (post(), "", "token_missing"),
        (
            post().header("authorization", "Bearer x"),
            "",
            "token_invalid",
        ),
        (known(json!({"exp": NOW / 1000 - 60})), "", "token_expired"),
        (known(json!({"scope": "orders:read"})), "", "scope_missing"),
        (known(json!({})), &long, "idempotency_key_required"),
        (
            known(json!({})).header("idempotency-key", ""),
            &long,
            "idempotency_key_invalid",
        ),
        (
            known(json!({})).header("idempotency-key", "k"),
            &long,
            "body_too_large",
        ),
        (Request::post("/v3/orders"), "", "api_version_unknown"),
        (Request::put("/v2/orders"), "", "method_not_allowed"),
        (Request::get("/v2/nothing"), "", "not_found"),
        (Request::get("/problems/nothing"), "", "not_found"),
    ] {
        let answer = shop.send(request, body).await;
        assert_eq!(answer.field("error-code"), code);
        assert_eq!(answer.json()["code"], code);
        assert_eq!(answer.json()["status"], answer.status);
        assert_eq!(answer.json()["request_id"], answer.field("x-request-id"));
        assert!(
            answer.json()["type"]
                .as_str()
                .unwrap()
                .starts_with("https://shop.example/problems/")
        );
        assert_eq!(
            answer.status == 401 || answer.status == 403,
            answer.fields.contains_key("www-authenticate")
        );
    }
    assert_eq!(shop.calls("/orders"), 0);
    assert_eq!(shop.get("/problems/not_found").await.status, 200);
}

#[tokio::test]
async fn a_forged_signature_is_refused_and_a_known_token_is_not_checked_again() {
    let shop = start();
    let good = token(&json!({}));
    let mut forged = good.clone();
    forged.replace_range(
        good.len() - 5..good.len() - 4,
        if good.ends_with('A') { "B" } else { "A" },
    );
    let get =
        |token: &str| Request::get("/orders").header("authorization", format!("Bearer {token}"));
    assert_eq!(
        shop.send(get(&forged), "").await.field("error-code"),
        "token_invalid"
    );
    for _ in 0..3 {
        assert_eq!(shop.send(get(&good), "").await.status, 200);
    }
    assert_eq!(shop.calls("/.well-known/jwks.json"), 1);
}

#[tokio::test]
async fn an_issuer_that_is_down_closes() {
    let shop = start();
    shop.memory.set_faults(Faults {
        keys_down: true,
        ..Faults::default()
    });
    let answer = shop.order("k", "{}").await;
    assert_eq!(
        (answer.status, answer.field("error-code")),
        (503, "unavailable")
    );
}

#[tokio::test]
async fn a_bucket_empties_and_fills() {
    let shop = start();
    for left in (0..100).rev() {
        let answer = shop.get("/products/1").await;
        assert_eq!(answer.status, 200);
        let t = if left == 99 {
            1
        } else {
            (100_u32 - left).div_ceil(100)
        };
        assert_eq!(
            answer.field("ratelimit"),
            format!("\"second\";r={left};t={t}")
        );
        assert_eq!(answer.field("ratelimit-policy"), "\"second\";q=100;w=1");
    }
    let refused = shop.get("/products/1").await;
    assert_eq!((refused.status, refused.field("retry-after")), (429, "1"));
    assert_eq!(refused.json()["violated-policies"], json!(["second"]));
    assert_eq!(refused.field("ratelimit"), "\"second\";r=0;t=1");
    shop.memory.advance_ms(1_000);
    assert_eq!(shop.get("/products/1").await.status, 200);
    // Another caller has another bucket, and an unsafe method costs five.
    assert_eq!(
        shop.order("k", "{}").await.field("ratelimit"),
        "\"minute\";r=995;t=1"
    );
}

#[tokio::test]
async fn without_limiter_reads_are_open_and_writes_closed() {
    let shop = start();
    shop.memory.set_faults(Faults {
        limiter_down: true,
        ..Faults::default()
    });
    assert_eq!(shop.get("/products/1").await.status, 200);
    assert_eq!(
        shop.order("k", "{}").await.field("error-code"),
        "unavailable"
    );
}

#[tokio::test]
async fn one_line_a_request_without_secrets() {
    let shop = start();
    let token = token(&json!({}));
    let request = Request::post("/v2/orders?secret=1")
        .header("authorization", format!("Bearer {token}"))
        .header("idempotency-key", "k")
        .header("content-type", "application/json")
        .header("x-request-id", "mine")
        .header(
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        );
    let answer = shop.send(request, "\"body\"").await;
    let lines = shop.memory.take_log();
    let [line] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    assert!(!line.contains(&token) && !line.contains("secret") && !line.contains("\"body\""));
    let line: Value = serde_json::from_str(line).unwrap();
    for (member, value) in [
        ("request_id", json!(answer.field("x-request-id"))),
        ("client_request_id", json!("mine")),
        ("trace_id", json!("0af7651916cd43dd8448eb211c80319c")),
        ("ts", json!("2027-01-15T08:00:00.000Z")),
        ("method", json!("POST")),
        ("route", json!("order-create")),
        ("status", json!(201)),
        ("error_code", Value::Null),
        ("account", json!("usr_1")),
        ("plan", json!("minute")),
        ("api_version", json!("v2")),
        ("idempotency", json!("first")),
        ("limit", json!(1000)),
        ("remaining", json!(995)),
        ("country", json!("CH")),
        ("tries", json!(1)),
    ] {
        assert_eq!(line[member], value, "{member}");
    }
}
