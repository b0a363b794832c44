//! `origin explain`: each decision of a request, by its id or its trace, and a clear word where there is none.

use origin::commands::explain::{self, Asked};
use serde_json::{Value, json};

use crate::harness::{Answer, Shop, order, request};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

async fn explained(shop: &Shop, what: &str) -> anyhow::Result<(Value, String)> {
    let asked = Asked {
        databases: shop.config.databases.clone(),
        what: what.to_owned(),
    };
    let said = explain::run(&asked, &shop.app.shop.pool, &shop.app.shop.platform).await?;
    Ok((said.document, said.text))
}

async fn carried(shop: &Shop) {
    while shop.app.relay.step().await.unwrap() > 0 {}
}

fn whats(document: &Value) -> Vec<String> {
    let steps = document["steps"].as_array().unwrap();
    steps
        .iter()
        .map(|step| step["what"].as_str().unwrap().to_owned())
        .collect()
}

async fn ordered(shop: &Shop, method: &str) -> Answer {
    let products = shop.plenty().await;
    shop.order("explained", &order(&[(&products[0], 2)], method))
        .await
}

#[tokio::test]
async fn an_order_is_told_from_its_key_to_its_mail() {
    let shop = Shop::open().await;
    let placed = ordered(&shop, "pm_card_visa").await;
    assert_eq!(placed.status, 201, "{placed:?}");
    carried(&shop).await;
    let id = placed.field("x-request-id").to_owned();
    let (document, text) = explained(&shop, &id).await.unwrap();
    assert_eq!(document["request_id"], json!(id));
    let whats = whats(&document);
    for what in [
        "key_claimed",
        "order_placed",
        "payment_attempt",
        "payment_settled",
        "answer_kept",
        "event_written",
        "consumer_done",
    ] {
        assert!(whats.iter().any(|one| one == what), "{what}: {text}");
    }
    let done = |consumer: &str, kind: &str| {
        let steps = document["steps"].as_array().unwrap().iter();
        steps
            .map(|step| &step["facts"])
            .any(|facts| facts["consumer"] == consumer && facts["type"] == kind)
    };
    assert!(done("email", "order.confirmed"), "{text}");
    assert!(done("notification", "order.created"), "{text}");
    let order = placed.json()["id"].as_str().unwrap().to_owned();
    assert!(
        text.contains(&format!("order {order} was placed")),
        "{text}"
    );
    assert!(text.contains("the answer 201 was kept"), "{text}");
    // Where it is sent to and who lives there is nobody's business here.
    for secret in ["Main St", "ada@example.com", "Ada"] {
        assert!(!document.to_string().contains(secret), "{document}");
    }
}

#[tokio::test]
async fn a_decline_is_told_with_its_reason() {
    let shop = Shop::open().await;
    let declined = ordered(&shop, "declines").await;
    assert_eq!(declined.status, 402, "{declined:?}");
    let id = declined.field("x-request-id").to_owned();
    let (document, text) = explained(&shop, &id).await.unwrap();
    let steps = document["steps"].as_array().unwrap();
    let settled = steps.iter().find(|step| step["what"] == "payment_settled");
    assert_eq!(settled.unwrap()["facts"]["status"], "declined", "{text}");
    assert!(text.contains("the answer 402 was kept"), "{text}");
}

#[tokio::test]
async fn a_change_without_a_key_is_told_by_its_trace() {
    let shop = Shop::open().await;
    let products = shop.plenty().await;
    let path = format!("/v2/products/{}", products[0]["id"].as_str().unwrap());
    let bearer = format!("Bearer {}", shop.admin);
    let traceparent = format!("00-{TRACE}-b7ad6b7169203331-01");
    let fields = [
        ("authorization", bearer.as_str()),
        ("if-match", "*"),
        ("content-type", "application/merge-patch+json"),
        ("traceparent", traceparent.as_str()),
    ];
    let change = request("PATCH", &path, &fields, r#"{"name": "Another"}"#);
    let changed = shop.send(change).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    carried(&shop).await;
    let (document, text) = explained(&shop, TRACE).await.unwrap();
    assert_eq!(document["trace_id"], TRACE);
    assert!(
        whats(&document).contains(&"event_written".to_owned()),
        "{text}"
    );
    assert!(!document.to_string().contains("Another"), "{document}");
}

#[tokio::test]
async fn what_left_nothing_is_said_to_have() {
    let shop = Shop::open().await;
    let read = shop.get("/v2/products?limit=1", &[]).await;
    let id = read.field("x-request-id").to_owned();
    let unknown = explained(&shop, &id).await.unwrap_err().to_string();
    assert!(
        unknown.starts_with(&format!("nothing is known of {id}")),
        "{unknown}"
    );
    let wrong = explained(&shop, "order 7").await.unwrap_err().to_string();
    assert!(wrong.contains("is no request"), "{wrong}");
}

/// A client that sends one trace with all that it does.
async fn in_one_trace(shop: &Shop, key: &str, span: &str, product: &Value) -> Answer {
    let bearer = format!("Bearer {}", shop.customer);
    let traceparent = format!("00-{TRACE}-{span}-01");
    let fields = [
        ("authorization", bearer.as_str()),
        ("idempotency-key", key),
        ("content-type", "application/json"),
        ("traceparent", traceparent.as_str()),
    ];
    let body = order(&[(product, 2)], "pm_card_visa").to_string();
    shop.send(request("POST", "/v2/orders", &fields, &body))
        .await
}

#[tokio::test]
async fn what_another_request_of_the_trace_did_is_left_out() {
    let shop = Shop::open().await;
    let products = shop.plenty().await;
    // Without anybody who keeps spans, the client's own stands with both.
    let spans = ["b7ad6b7169203331", "b7ad6b7169203331", "b7ad6b7169203332"];
    let mut placed = Vec::new();
    for (number, span) in spans.into_iter().enumerate() {
        let key = format!("trace {number}");
        let answer = in_one_trace(&shop, &key, span, &products[number]).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        placed.push(answer);
    }
    carried(&shop).await;
    let order_of = |answer: &Answer| answer.json()["id"].as_str().unwrap().to_owned();
    for answer in &placed {
        let (document, text) = explained(&shop, answer.field("x-request-id"))
            .await
            .unwrap();
        let steps = document["steps"].as_array().unwrap();
        let written = steps.iter().filter(|step| step["what"] == "event_written");
        let of: Vec<_> = written.map(|step| &step["facts"]["aggregate"]).collect();
        assert_eq!(of.len(), 2, "{text}");
        let order = json!(order_of(answer));
        assert!(of.iter().all(|one| **one == order), "{document}");
    }
    // Who asks for the trace gets all of it.
    let (document, _) = explained(&shop, TRACE).await.unwrap();
    for answer in &placed {
        assert!(document.to_string().contains(&order_of(answer)));
    }
}

#[tokio::test]
async fn a_keyed_change_has_the_events_of_its_own_span() {
    let shop = Shop::open().await;
    let products = shop.plenty().await;
    let bearer = format!("Bearer {}", shop.admin);
    let mut changed = Vec::new();
    for (number, span) in ["b7ad6b7169203331", "b7ad6b7169203332"].iter().enumerate() {
        let id = products[number]["id"].as_str().unwrap();
        let path = format!("/v2/products/{id}");
        let (key, traceparent) = (format!("change {number}"), format!("00-{TRACE}-{span}-01"));
        let fields = [
            ("authorization", bearer.as_str()),
            ("idempotency-key", key.as_str()),
            ("if-match", "*"),
            ("content-type", "application/merge-patch+json"),
            ("traceparent", traceparent.as_str()),
        ];
        let change = request("PATCH", &path, &fields, r#"{"name": "Another"}"#);
        let answer = shop.send(change).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        changed.push((id, answer));
    }
    for (id, answer) in &changed {
        let id = json!(id);
        let (document, text) = explained(&shop, answer.field("x-request-id"))
            .await
            .unwrap();
        let steps = document["steps"].as_array().unwrap();
        let of: Vec<_> = steps
            .iter()
            .filter(|step| step["what"] == "event_written")
            .map(|step| &step["facts"]["aggregate"])
            .collect();
        assert_eq!(of, [&id], "{text}");
    }
}
