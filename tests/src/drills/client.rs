//! A client that does what docs/client.md tells it to. Its tries go to the edges in turn, as they do where a
//! name leads to several.
//!
//! 1. What is safe or under a key is repeated: after no answer, 429, 409 that says that the first one is under
//!    way, 500, 502, 503, 504. `"retryable": false` ends it, and so does any other 4xx.
//! 2. Four times at most, within 30 s; a try may take 10 s. Waits are random, up to 1, 2, 4 and 8 s;
//!    `Retry-After` is a floor.
//! 3. A call that ends without a final answer is taken up again later, under the same key.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;

use crate::wait::Stopwatch;

/// Most tries of a call after the first.
const RETRIES: u32 = 4;
/// What one try may take.
const TRY_MAX: Duration = Duration::from_secs(10);
/// What a call may take.
const CALL_MS_MAX: u64 = 30_000;
/// Longest first wait, and longest of all, milliseconds.
const FIRST_MS: u64 = 1_000;
const CAP_MS: u64 = 8_000;
/// For how long a call is taken up again.
const PATIENCE: Duration = Duration::from_secs(150);

/// One who reads and orders.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    edges: Vec<String>,
    token: String,
    /// The product that is read, and the order that is sent.
    product: String,
    order: Value,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
enum Asked<'a> {
    /// A read without a caller.
    Read(&'a str),
    /// A read of the caller's own.
    Own(&'a str),
    /// An order under a key.
    Order(&'a str),
}

/// What one try came to.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Status; none without an answer.
    pub status: Option<StatusCode>,
    /// The document, or null.
    pub body: Value,
    /// `Retry-After`, if it came.
    pub retry_after: Option<Duration>,
}

/// What a call came to.
#[derive(Debug, Clone)]
pub struct Called {
    /// The last try's reply.
    pub reply: Reply,
    /// Tries of it.
    pub tries: u32,
    /// All of it, waits included.
    pub took: Duration,
}

impl Reply {
    /// Whether it is what was asked for.
    pub fn is_good(&self) -> bool {
        self.status.is_some_and(|status| status.is_success())
    }

    /// Its `code`.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    fn passes(&self) -> bool {
        passes(
            self.status.map(|status| status.as_u16()),
            self.code(),
            self.body["retry"]["retryable"].as_bool(),
        )
    }
}

impl Called {
    /// Whether it was good at the first try.
    pub fn is_good_at_once(&self) -> bool {
        self.reply.is_good() && self.tries == 1
    }
}

/// Whether a failure is one that a wait can mend.
fn passes(status: Option<u16>, code: &str, retryable: Option<bool>) -> bool {
    let may = match status {
        None | Some(500 | 502 | 503 | 504) => true,
        Some(429) => code != "quota_exceeded",
        Some(409) => matches!(code, "idempotency_in_progress" | "operation_uncertain"),
        Some(_) => false,
    };
    may && retryable != Some(false)
}

/// How long to wait before the next try; `random` is anything.
fn pause_ms(tries: u32, retry_after: Option<Duration>, random: u64) -> u64 {
    let doubled = FIRST_MS.saturating_mul(1 << tries.saturating_sub(1).min(16));
    let jitter = random % (doubled.min(CAP_MS) + 1);
    let floor = retry_after.map_or(0, |floor| {
        u64::try_from(floor.as_millis()).unwrap_or(CAP_MS)
    });
    jitter.max(floor)
}

/// `SplitMix64`, so that a run can be had again.
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl Client {
    /// A client of these edges with a customer's token.
    pub fn new(edges: Vec<String>, token: &str) -> anyhow::Result<Self> {
        Ok(Self {
            // No connection outlives its request: edges are killed and started again.
            http: reqwest::Client::builder()
                .pool_max_idle_per_host(0)
                .timeout(TRY_MAX)
                .build()?,
            edges,
            token: token.to_owned(),
            product: String::new(),
            order: Value::Null,
        })
    }

    /// Chooses what it orders, the first product that there is enough of, and what it reads, the next one: a price
    /// that changes under who reads it refuses no order.
    pub async fn choosing(self) -> anyhow::Result<Self> {
        let list = self.get(0, "/v2/products?limit=50").await;
        let all = list.body["data"].as_array().cloned().unwrap_or_default();
        let mut all = all
            .into_iter()
            .filter(|one| one["availability"] == "in_stock");
        let (Some(ordered), Some(read)) = (all.next(), all.next()) else {
            anyhow::bail!("fewer than two are in stock: {list:?}");
        };
        let order = serde_json::json!({
            "items": [{"product_id": ordered["id"], "quantity": 1}],
            "payment_method": "pm_card_visa",
            "expected_total": ordered["price"],
            "shipping_address": {"name": "Ada", "line1": "1 Main St", "city": "Bern",
                "postal_code": "3000", "country": "CH"},
        });
        Ok(Self {
            product: read["id"].as_str().unwrap_or_default().to_owned(),
            order,
            ..self
        })
    }

    /// Another customer's, or the same customer's by another token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        let token = token.to_owned();
        Self {
            token,
            ..self.clone()
        }
    }

    /// The path of the product that is read.
    pub fn product(&self) -> String {
        format!("/v2/products/{}", self.product)
    }

    /// How many edges there are.
    pub fn edges(&self) -> usize {
        self.edges.len()
    }

    /// One try of a read without a caller.
    pub async fn get(&self, edge: usize, path: &str) -> Reply {
        reply(self.http.get(self.url(edge, path))).await
    }

    /// One try of a read of the caller's own.
    pub async fn get_own(&self, edge: usize, path: &str) -> Reply {
        reply(self.http.get(self.url(edge, path)).bearer_auth(&self.token)).await
    }

    /// One try of an order under a key.
    pub async fn order(&self, edge: usize, key: &str) -> Reply {
        let request = self.http.post(self.url(edge, "/v2/orders"));
        let request = request
            .bearer_auth(&self.token)
            .header("idempotency-key", key);
        reply(request.json(&self.order)).await
    }

    /// One try of a change by an admin.
    pub async fn patch(&self, edge: usize, path: &str, body: &Value) -> Reply {
        let request = self
            .http
            .patch(self.url(edge, path))
            .bearer_auth(&self.token);
        let request = request
            .header("if-match", "*")
            .header("content-type", "application/merge-patch+json");
        reply(request.body(body.to_string())).await
    }

    fn url(&self, edge: usize, path: &str) -> String {
        format!("{}{path}", self.edges[edge % self.edges.len()])
    }

    /// A read, repeated as documented. `number` says where it begins, and shakes its waits.
    pub async fn read(&self, number: usize, path: &str) -> Called {
        self.call(number, Asked::Read(path)).await
    }

    /// A read of the caller's own, repeated as documented.
    pub async fn read_own(&self, number: usize, path: &str) -> Called {
        self.call(number, Asked::Own(path)).await
    }

    /// An order, repeated as documented.
    pub async fn ordered_once(&self, number: usize, key: &str) -> Called {
        self.call(number, Asked::Order(key)).await
    }

    /// An order, taken up again until its answer is final: that, and all that it took.
    pub async fn ordered(&self, number: usize, key: &str) -> Called {
        let watch = Stopwatch::start();
        let mut tries = 0;
        loop {
            let called = self.ordered_once(number, key).await;
            tries += called.tries;
            let took = watch.elapsed();
            if !called.reply.passes() || took > PATIENCE {
                return Called {
                    tries,
                    took,
                    ..called
                };
            }
        }
    }

    async fn call(&self, number: usize, asked: Asked<'_>) -> Called {
        let watch = Stopwatch::start();
        let mut tries = 0;
        loop {
            let edge = number + usize::try_from(tries).unwrap_or_default();
            let reply = match asked {
                Asked::Read(path) => self.get(edge, path).await,
                Asked::Own(path) => self.get_own(edge, path).await,
                Asked::Order(key) => self.order(edge, key).await,
            };
            tries += 1;
            let random = mixed(u64::try_from(number).unwrap_or_default() * 8 + u64::from(tries));
            let pause_ms = pause_ms(tries, reply.retry_after, random);
            let took = watch.elapsed();
            let too_late =
                took + Duration::from_millis(pause_ms) > Duration::from_millis(CALL_MS_MAX);
            if reply.is_good() || !reply.passes() || tries > RETRIES || too_late {
                return Called { reply, tries, took };
            }
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        }
    }
}

async fn reply(request: reqwest::RequestBuilder) -> Reply {
    let Ok(response) = request.send().await else {
        return Reply::nothing();
    };
    let status = response.status();
    let retry_after = response.headers().get("retry-after");
    let seconds = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
    // An answer that breaks off is none.
    match response.bytes().await {
        Ok(bytes) => Reply {
            status: Some(status),
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
            retry_after: seconds.map(Duration::from_secs),
        },
        Err(_) => Reply::nothing(),
    }
}

impl Reply {
    fn nothing() -> Self {
        Self {
            status: None,
            body: Value::Null,
            retry_after: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_repeated_is_what_the_page_says() {
        for (status, code, retryable, expected) in [
            (None, "", None, true),
            (Some(429), "rate_limited", Some(true), true),
            (Some(429), "quota_exceeded", Some(true), false),
            (Some(409), "idempotency_in_progress", None, true),
            (Some(409), "operation_uncertain", None, true),
            (Some(409), "price_changed", None, false),
            (Some(503), "unavailable", Some(true), true),
            (Some(503), "unavailable", Some(false), false),
            (Some(500), "", None, true),
            (Some(501), "", None, false),
            (Some(400), "", None, false),
            (Some(201), "", None, false),
        ] {
            assert_eq!(
                passes(status, code, retryable),
                expected,
                "{status:?} {code}"
            );
        }
    }

    #[test]
    fn waits_double_up_to_their_cap_and_heed_the_server() {
        for (tries, cap) in [(1, 1_000), (2, 2_000), (3, 4_000), (4, 8_000), (9, 8_000)] {
            let longest = (0..20_000)
                .map(|random| pause_ms(tries, None, random))
                .max();
            assert_eq!(longest, Some(cap), "{tries}");
        }
        let floor = Some(Duration::from_secs(3));
        assert!((0..1_000).all(|random| pause_ms(1, floor, random) == 3_000));
    }
}
