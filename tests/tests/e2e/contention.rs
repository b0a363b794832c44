//! Many at once: one key, and the last units of a product.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::json;
use tests::answer::Answer;
use tests::postgres;
use tests::shop::{Options, Shop};

/// Requests with one key at once.
const SAME_KEY: usize = 1_000;
/// Units of each product, and who wants one.
const STOCK: i64 = 50;
const BUYERS: usize = 64;

#[tokio::test]
async fn a_thousand_requests_with_one_key_at_two_edges_make_one_order() {
    let shop = Shop::start_in(2, Options { test_routes: true }).await;
    let order = shop.an_order("pm_card_visa").await;
    // Both know the issuer's keys already: it is not their fetching that a thousand at once are to test.
    for edge in 0..2 {
        let known = shop.request_at(edge, "GET", "/v2/orders?limit=1");
        let known = Answer::to(known.bearer_auth(&shop.customer_token)).await;
        assert_eq!(known.status, StatusCode::OK, "{}", known.text());
    }
    let requests = (0..SAME_KEY).map(|number| {
        Answer::to(
            shop.client
                .post(format!("{}/v2/orders", shop.edge.url_of(number % 2)))
                .bearer_auth(&shop.customer_token)
                .header("idempotency-key", "one for all")
                .json(&order),
        )
    });
    let mut bodies = BTreeSet::new();
    for answer in join_all(requests).await {
        match answer.status {
            StatusCode::CREATED => {
                bodies.insert(answer.body);
            }
            StatusCode::CONFLICT => {
                assert_eq!(answer.field("error-code"), "idempotency_in_progress");
                assert_eq!(answer.json()["safe_new_key"], false);
            }
            other => panic!("{other}: {}", answer.text()),
        }
    }
    assert_eq!(bodies.len(), 1, "all that were answered got the same bytes");
    assert_eq!(shop.count("select count(*) from orders").await, 1);
    assert_eq!(shop.charges().await, 1);
    assert_eq!(
        shop.count("select sum(sold)::bigint from inventory").await,
        2
    );
}

#[tokio::test]
async fn fifty_units_are_sold_fifty_times_whatever_the_order_of_the_lines() {
    let shop = Shop::start().await;
    let order = shop.an_order("pm_card_visa").await;
    shop.execute("update inventory set available = 50, reserved = 0, sold = 0")
        .await;
    let list = shop
        .request("GET", "/v2/products?limit=2&sort=price_asc")
        .bearer_auth(&shop.customer_token);
    let products = Answer::to(list).await.json()["data"].clone();
    let amount = |place: usize| products[place]["price"]["amount"].as_i64().unwrap();
    let line = |place: usize| json!({"product_id": products[place]["id"], "quantity": 1});
    // Half of them name the products the other way round.
    let wishes: Vec<_> = (0..BUYERS)
        .map(|buyer| {
            let mut wish = order.clone();
            wish["items"] = json!([line(buyer % 2), line(1 - buyer % 2)]);
            wish["expected_total"]["amount"] = (amount(0) + amount(1)).into();
            wish
        })
        .collect();
    let keys: Vec<String> = (0..BUYERS).map(|buyer| format!("buyer-{buyer}")).collect();
    let answers = join_all(
        keys.iter()
            .zip(&wishes)
            .map(|(key, wish)| shop.order(key, wish)),
    )
    .await;
    let sold = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::CREATED)
        .count();
    for answer in &answers {
        if answer.status != StatusCode::CREATED {
            assert_eq!(
                (answer.status, answer.field("error-code")),
                (StatusCode::CONFLICT, "out_of_stock"),
                "{}",
                answer.text()
            );
        }
    }
    assert_eq!(i64::try_from(sold).unwrap(), STOCK);
    let left = shop
        .count("select count(*) from inventory where sold = 50 and available = 0 and reserved = 0")
        .await;
    assert_eq!(left, 2);
    assert_eq!(shop.charges().await, STOCK);
    assert!(
        !postgres::log().contains("deadlock"),
        "Postgres broke a deadlock"
    );
}
