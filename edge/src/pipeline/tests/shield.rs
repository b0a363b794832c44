//! The shield through the pipeline: one fetch for many, and what is nobody else's.

use std::task::Poll;

use super::*;
use crate::platform::{Clock, Shield};
use crate::shield::{LEASE_MS, Turn};

const MANY: usize = 200;
const KEY: &str = "/v2/products/1";

/// Rounds until everybody has come as far as without the others.
const ROUNDS: usize = 30;

/// Sends the same to each location in turn, all at once. What is put off is done once nobody can go on.
async fn at_once(shops: &[&Shop], path: &str, count: usize) -> Vec<Answered> {
    let mut requests: Vec<_> = (0..count)
        .map(|number| Box::pin(shops[number % shops.len()].get(path)))
        .collect();
    let mut answers: Vec<Option<Answered>> = (0..count).map(|_| None).collect();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    for round in 0.. {
        for (request, answer) in requests.iter_mut().zip(&mut answers) {
            if answer.is_none()
                && let Poll::Ready(came) = request.as_mut().poll(&mut context)
            {
                *answer = Some(came);
            }
        }
        if answers.iter().all(Option::is_some) {
            break;
        }
        if round >= ROUNDS {
            for shop in shops {
                shop.memory.run_deferred().await;
            }
        }
    }
    answers.into_iter().flatten().collect()
}

/// The shop's configuration, whose addresses may ask as often as they like.
fn generous() -> Gateway {
    let mut gateway = shop();
    for plan in gateway.plans.values_mut() {
        plan.rate = 1_000_000;
    }
    gateway
}

fn start() -> Shop {
    let orders = Cell::default();
    start_before(generous(), move |request| origin(&orders, request))
}

/// The shop before an origin whose products are of a kind.
fn before(control: &'static str, status: u16) -> Shop {
    start_before(generous(), move |_| {
        Response::builder()
            .status(status)
            .header("cache-control", control)
            .header("content-length", 2)
            .body("ok".into())
            .unwrap()
    })
}

#[tokio::test]
async fn many_of_two_locations_are_one_fetch() {
    let one = start();
    let two = one.beside();
    let answers = at_once(&[&one, &two], "/products/1", MANY).await;
    assert_eq!(one.calls("/products/1"), 1);
    let collapsed = |answer: &&Answered| answer.field("cache-status").contains("collapsed");
    assert_eq!(answers.iter().filter(collapsed).count(), MANY - 1);
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (200, &answers[0].body));
    }
    // Both locations have it now.
    for shop in [&one, &two] {
        shop.memory.run_deferred().await;
        assert!(
            shop.get("/products/1")
                .await
                .field("cache-status")
                .contains("hit")
        );
    }
}

#[tokio::test]
async fn what_is_private_is_fetched_by_each() {
    let shop = before("private, no-store", 200);
    let answers = at_once(&[&shop], "/openapi.json", MANY).await;
    assert_eq!(shop.calls("/openapi.json"), MANY);
    for answer in &answers {
        assert_eq!(answer.field("cache-status"), "headgate; fwd=uri-miss");
    }
}

#[tokio::test]
async fn what_must_be_asked_about_is_fetched_by_each() {
    let shop = before("no-cache", 200);
    at_once(&[&shop], "/openapi.json", 20).await;
    assert_eq!(shop.calls("/openapi.json"), 20);
}

#[tokio::test]
async fn a_failure_is_everybodys() {
    for (status, code) in [
        (503, "unavailable"),
        (502, "origin_unreachable"),
        (500, "internal"),
    ] {
        let shop = before("no-store", status);
        let answers = at_once(&[&shop], "/openapi.json", MANY).await;
        assert_eq!(shop.calls("/openapi.json"), 1);
        let shown = |answer: &&Answered| answer.field("error-code") == code;
        assert_eq!(answers.iter().filter(shown).count(), MANY - 1, "{code}");
        assert!(answers.iter().all(|answer| answer.status == status));
        // Who comes later asks anew.
        shop.get("/openapi.json").await;
        assert_eq!(shop.calls("/openapi.json"), 2);
    }
    let shop = start();
    shop.fetches(&[Some(Lost::Request)]);
    let answers = at_once(&[&shop], "/products/1", MANY).await;
    assert!(
        answers
            .iter()
            .all(|answer| answer.field("error-code") == "origin_unreachable")
    );
    assert_eq!(shop.calls("/products/1"), 0);
}

#[tokio::test]
async fn who_waited_for_a_failure_has_its_stale_copy() {
    let shop = start();
    shop.read("/products/1").await;
    shop.memory.advance_ms(3_700_000);
    shop.fetches(&[Some(Lost::Request)]);
    for answer in at_once(&[&shop], "/products/1", 20).await {
        assert_eq!(answer.status, 200);
        assert!(
            answer
                .field("cache-status")
                .contains("detail=stale-if-error")
        );
    }
}

#[tokio::test]
async fn a_leader_that_is_gone_is_followed_after_its_lease() {
    let shop = start();
    let led = shop.memory.join(KEY, 0, None).await.unwrap();
    assert!(matches!(led, Turn::Lead(_)));
    shop.memory.advance_ms(LEASE_MS - 1);
    assert!(matches!(
        shop.memory.join(KEY, 0, None).await,
        Ok(Turn::Wait(_))
    ));
    shop.memory.advance_ms(1);
    let answers = at_once(&[&shop], "/products/1", MANY).await;
    assert_eq!(shop.calls("/products/1"), 1);
    assert!(answers.iter().all(|answer| answer.status == 200));
}

#[tokio::test]
async fn one_key_does_not_wait_for_another() {
    let shop = start();
    for number in 2..9 {
        let key = format!("/v2/products/{number}");
        assert!(matches!(
            shop.memory.join(&key, 0, None).await,
            Ok(Turn::Lead(_))
        ));
    }
    let answer = shop.read("/products/1").await;
    assert_eq!(
        answer.field("cache-status"),
        "headgate; fwd=uri-miss; stored"
    );
}

#[tokio::test]
async fn without_the_shield_each_asks_the_origin() {
    let shop = start();
    shop.memory.set_faults(Faults {
        shield_down: true,
        ..Faults::default()
    });
    let answers = at_once(&[&shop], "/products/1", 20).await;
    assert_eq!(shop.calls("/products/1"), 20);
    assert!(answers.iter().all(|answer| answer.status == 200));
}

#[tokio::test]
async fn the_upper_tier_answers_another_location_until_it_is_purged() {
    let one = start();
    let two = one.beside();
    let three = one.beside();
    one.read("/products/1").await;
    one.memory.advance_ms(5_000);
    let answer = two.read("/products/1").await;
    assert_eq!(
        answer.field("cache-status"),
        "headgate; fwd=uri-miss; detail=shield"
    );
    assert_eq!((answer.field("age"), one.calls("/products/1")), ("5", 1));
    assert!(
        two.read("/products/1")
            .await
            .field("cache-status")
            .contains("hit")
    );
    one.tell(r#"{"untrue":[{"tag":"product:1"}],"position":77}"#)
        .await;
    one.memory.advance_ms(1_001);
    let answer = three.read("/products/1").await;
    assert_eq!(
        answer.field("cache-status"),
        "headgate; fwd=uri-miss; stored"
    );
    // The next ones get what that fetched.
    let answer = two.read("/products/1").await;
    assert_eq!(
        answer.field("cache-status"),
        "headgate; fwd=stale; detail=shield"
    );
    assert_eq!(one.calls("/products/1"), 2);
}

#[tokio::test]
async fn what_this_location_changed_is_not_brought_back_by_the_upper_tier() {
    let shop = start_before(generous(), |request| {
        if request.uri().path() != "/products/1" {
            return origin(&Cell::default(), request);
        }
        let answer = Response::builder().header("cache-control", "max-age=60");
        let body = request.method().to_string();
        answer
            .header("content-length", body.len())
            .body(body.into())
            .unwrap()
    });
    shop.read("/products/1").await;
    shop.memory.advance_ms(10);
    let scope = json!({"role": "admin", "scope": "products:write"});
    let change = Request::delete("/products/1").header("authorization", bearer(&scope));
    let answer = shop.send(change, "").await;
    assert_eq!(answer.status, 200, "{}", answer.field("error-code"));
    let answer = shop.read("/products/1").await;
    assert_eq!(
        answer.field("cache-status"),
        "headgate; fwd=uri-miss; stored"
    );
}

#[tokio::test]
async fn a_variant_is_for_its_own_requests() {
    let languages =
        |language: &str| Request::get("/openapi.json").header("accept-language", language);
    let shop = start_before(generous(), |request| {
        let answer = Response::builder()
            .header("cache-control", "max-age=60")
            .header("vary", "accept-language");
        let body = request.headers()["accept-language"].clone();
        let body = Bytes::copy_from_slice(body.as_bytes());
        answer
            .header("content-length", body.len())
            .body(body)
            .unwrap()
    });
    for language in ["de", "fr", "de", "fr"] {
        let answer = shop.send(languages(language), "").await;
        assert_eq!(answer.body, language.as_bytes());
        shop.memory.run_deferred().await;
    }
    assert_eq!(shop.calls("/openapi.json"), 2);
    let elsewhere = shop.beside();
    for language in ["fr", "de"] {
        let answer = elsewhere.send(languages(language), "").await;
        assert_eq!(answer.body, language.as_bytes());
        elsewhere.memory.run_deferred().await;
    }
    assert_eq!(shop.memory.now_ms(), NOW);
}

#[tokio::test]
async fn a_stale_copy_is_renewed_by_one_location() {
    let one = start();
    let two = one.beside();
    for shop in [&one, &two] {
        shop.read("/products/1").await;
    }
    one.memory.advance_ms(3_610_000);
    for shop in [&one, &two] {
        let answer = shop.read("/products/1").await;
        assert!(
            answer
                .field("cache-status")
                .starts_with("headgate; hit; ttl=-10")
        );
    }
    for shop in [&one, &two] {
        let answer = shop.read("/products/1").await;
        assert_eq!(answer.field("cache-status"), "headgate; hit; ttl=3600");
    }
    assert_eq!(one.calls("/products/1"), 2);
}
