//! One user's bucket, through the real Durable Object.

use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use reqwest::StatusCode;
use tests::answer::Answer;
use tests::shop::Shop;
use tests::wait;

/// How long the user asks, as fast as it can.
const SECONDS: u64 = 4;
const QUOTA: f64 = 1000.0;
const PER_SECOND: f64 = 1000.0 / 60.0;

#[tokio::test]
async fn one_user_gets_its_quota_and_not_one_more() {
    let shop = Shop::start().await;
    shop.get("/v2/products?limit=1").await;
    let user = shop.token("usr_00000000000000000000000042", "customer");
    let ask = || {
        Answer::to(
            shop.request("GET", "/v2/products?limit=1")
                .bearer_auth(&user),
        )
    };
    let clock = wait::Stopwatch::start();
    let mut flight: FuturesUnordered<_> = (0..32).map(|_| ask()).collect();
    let (mut admitted, mut refused) = (0.0, None);
    while let Some(answer) = flight.next().await {
        match answer.status {
            StatusCode::OK => admitted += 1.0,
            StatusCode::TOO_MANY_REQUESTS => refused = Some(answer),
            other => panic!("{other}: {}", answer.text()),
        }
        if refused.is_none() || clock.elapsed() < Duration::from_secs(SECONDS) {
            flight.push(ask());
        }
    }
    let most = QUOTA + PER_SECOND * clock.elapsed().as_secs_f64();
    assert!(
        (QUOTA..=most).contains(&admitted),
        "{admitted} of at most {most}"
    );

    let refused = refused.unwrap();
    assert_eq!(refused.field("error-code"), "rate_limited");
    assert_eq!(refused.field("ratelimit-policy"), "\"minute\";q=1000;w=60");
    assert!(refused.field("ratelimit").starts_with("\"minute\";r=0;t="));
    let seconds: u64 = refused.field("retry-after").parse().unwrap();
    assert_eq!(refused.json()["retry"]["after_seconds"], seconds);
    // Time itself is what is tested: what was promised for then holds then.
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    assert_eq!(ask().await.status, StatusCode::OK);
}
