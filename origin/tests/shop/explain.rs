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
