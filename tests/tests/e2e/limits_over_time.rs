//! Limits over real time: fifty clients of one partner at two locations, on exact and leased routes, for
//! ten seconds, or as long as `LIMITED_SECONDS` says. Nobody gets one request more than a bucket that is
//! as old as the run gives, and who waits as long as Retry-After says is let in.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tests::answer::Answer;
use tests::shop::{Options, Shop};
use tests::wait::Stopwatch;

const LOCATIONS: usize = 2;
const CLIENTS: usize = 50;
const SECONDS: u64 = 10;
/// A refused client's pause, so that refusals are not all that this machine does.
const PAUSE: Duration = Duration::from_secs(1);
/// How often Retry-After is put to the test in the end.
const WAITS: usize = 4;

/// A partner, and the route on which it is held to its plan.
struct Held {
    key: String,
    path: &'static str,
    burst: f64,
    per_second: f64,
    /// Longest that one request takes to come back.
    wait_seconds: u64,
}

async fn made(shop: &Shop, path: &str, body: &Value) -> Value {
    let request = shop.request("POST", path).bearer_auth(&shop.admin_token);
    let answer = Answer::to(request.json(body)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    answer.json()
}

impl Held {
    async fn start(shop: &Shop, name: &str, path: &'static str, rate: u32, burst: u32) -> Self {
        let plan = json!({"name": name, "rate": rate, "per_seconds": 60, "burst": burst});
        made(shop, "/v2/admin/plans", &plan).await;
        let key = json!({"name": name, "account": name, "mode": "test", "plan": name,
            "scopes": ["orders:read"]});
        let key = made(shop, "/v2/admin/api-keys", &key).await;
        let per_second = f64::from(rate) / 60.0;
        Self {
            key: key["key"].as_str().expect("a key").to_owned(),
            path,
            burst: burst.into(),
            per_second,
            wait_seconds: u64::from(60_u32.div_ceil(rate)),
        }
    }

    /// Whether a request is let in; else for how many seconds it shall wait.
    async fn ask(&self, shop: &Shop, location: usize) -> Result<(), u64> {
        let request = shop.request_at(location, "GET", self.path);
        let answer = Answer::to(request.header("x-api-key", &self.key)).await;
        match answer.status {
            StatusCode::OK => Ok(()),
            StatusCode::TOO_MANY_REQUESTS => {
                assert_eq!(answer.field("error-code"), "rate_limited");
                Err(answer.field("retry-after").parse().expect("seconds"))
            }
            other => panic!("{other}: {}", answer.text()),
        }
    }

    /// How often one client was let in until the end.
    async fn client(&self, shop: &Shop, first: usize, clock: &Stopwatch, end: Duration) -> u32 {
        let mut admitted = 0;
        let mut location = first;
        while clock.elapsed() < end {
            location = (location + 1) % LOCATIONS;
            match self.ask(shop, location).await {
                Ok(()) => admitted += 1,
                Err(seconds) => {
                    assert!(
                        (1..=self.wait_seconds).contains(&seconds),
                        "{}: Retry-After {seconds}",
                        self.path
                    );
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        admitted
    }

    /// Alone, it waits as long as it is told, and is let in. How often it was let in meanwhile.
    async fn waits(&self, shop: &Shop) -> u32 {
        let mut admitted = 0;
        for round in 0..WAITS {
            let seconds = loop {
                match self.ask(shop, round % LOCATIONS).await {
                    Ok(()) => admitted += 1,
                    Err(seconds) => break seconds,
                }
            };
            // Time itself is what is tested: what was promised for then holds then.
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            let after = self.ask(shop, round % LOCATIONS).await;
            assert_eq!(after, Ok(()), "{} after {seconds} s", self.path);
            admitted += 1;
        }
        admitted
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the environment says how long a test takes"
)]
fn seconds() -> u64 {
    let asked = std::env::var("LIMITED_SECONDS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(SECONDS)
}

#[tokio::test]
async fn nobody_gets_more_than_a_bucket_gives_over_real_time() {
    let end = Duration::from_secs(seconds());
    let shop = Shop::start_in(LOCATIONS, Options::default()).await;
    let exact = Held::start(&shop, "exact", "/v2/orders?limit=1", 20, 40).await;
    let leased = Held::start(&shop, "leased", "/v2/products?limit=1", 600, 160).await;

    let clock = Stopwatch::start();
    let (over, exact, leased, since) = (&shop, &exact, &leased, &clock);
    let clients = (0..CLIENTS).map(|client| async move {
        tokio::join!(
            exact.client(over, client, since, end),
            leased.client(over, client, since, end)
        )
    });
    let counts = join_all(clients).await;
    let waited = tokio::join!(exact.waits(over), leased.waits(over));
    let elapsed = clock.elapsed().as_secs_f64();
    let sum = |of: fn(&(u32, u32)) -> u32, more: u32| counts.iter().map(of).sum::<u32>() + more;
    for (held, admitted) in [
        (exact, sum(|count| count.0, waited.0)),
        (leased, sum(|count| count.1, waited.1)),
    ] {
        let most = held.burst + held.per_second * elapsed;
        println!("{}: {admitted} of {most:.1} in {elapsed:.1} s", held.path);
        assert!(
            f64::from(admitted) <= most,
            "{}: {admitted} of {most}",
            held.path
        );
        assert!(
            f64::from(admitted) >= held.burst,
            "{}: {admitted} of {most}",
            held.path
        );
    }
}
