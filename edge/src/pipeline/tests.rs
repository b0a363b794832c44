//! The whole pipeline on the platform in memory, before a small origin that counts.

mod cache;
mod cache_model;
mod callers;
mod copies;
mod door;
mod encodings;
mod feed;
mod firewall;
mod http_semantics;
mod keyed;
mod object_calls;
mod order_of_checks;
mod origins;
mod own_writes;
mod plans;
mod pool;
mod presets;
mod seen;
mod shapes;
mod shield;
mod tokens;
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
