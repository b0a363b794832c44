//! The provider over a real network: what it leaves open is settled without the client, by look-up
//! and by webhook; paying again and paying back through the edge.

use reqwest::StatusCode;
use serde_json::{Value, json};
use tests::answer::Answer;
use tests::shop::Shop;
use tests::wait;

impl Paying {
    async fn start() -> Self {
        Self(Shop::start().await)
    }

    async fn post(&self, token: &str, path: &str, key: &str, body: &Value) -> Answer {
        let request = self
            .0
            .request("POST", path)
            .bearer_auth(token)
            .header("idempotency-key", key);
        Answer::to(request.json(body)).await
    }

    /// Waits until an order of that id stands there.
    async fn stands(&self, order: &str, status: &str) -> Value {
        wait::until(status, || async {
            let read = self.0.request("GET", &format!("/v2/orders/{order}"));
            let read = Answer::to(read.bearer_auth(&self.0.customer_token)).await;
            let order = read.json();
            (order["status"] == status).then_some(order)
        })
        .await
    }
}

struct Paying(Shop);

#[tokio::test]
async fn a_dropped_reply_is_found_by_our_reference() {
    let shop = Shop::start().await;
    let lost = shop.an_order("pm_card_lost_reply").await;
    let placed = shop.order("lost", &lost).await;
    assert_eq!(placed.status, StatusCode::CREATED, "{}", placed.text());
    let again = shop.order("lost", &lost).await;
    assert_eq!(again.text(), placed.text());
    let charged = "select count(*) from sandbox_charges";
    assert_eq!(shop.provider_count(charged).await, 1);
    // The provider tells of it, and nothing more comes of that.
    wait::until("the webhook is heard", || async {
        let heard = "select count(*) from inbox where consumer = 'payment_webhook'";
        (shop.count(heard).await == 1).then_some(())
    })
    .await;
    let strays = shop.count("select count(*) from stray_charges").await;
    assert_eq!((strays, shop.provider_count(charged).await), (0, 1));
}

#[tokio::test]
async fn an_order_without_its_client_is_settled_when_the_provider_is_back() {
    let mut shop = Paying::start().await;
    let order = shop.0.an_order("pm_card_visa").await;
    shop.0.stop_provider();
    let unknown = shop.0.order("k", &order).await;
    assert_eq!(unknown.status, StatusCode::CONFLICT, "{}", unknown.text());
    assert_eq!(unknown.json()["code"], "operation_uncertain");
    shop.0.start_provider();
    wait::until("the order is confirmed", || async {
        let confirmed = "select count(*) from orders where status = 'confirmed'";
        (shop.0.count(confirmed).await == 1).then_some(())
    })
    .await;
    let again = shop.0.order("k", &order).await;
    assert_eq!(again.status, StatusCode::CREATED, "{}", again.text());
    assert_eq!(again.field("idempotent-replayed"), "true");
    let charged = "select count(*) from sandbox_charges";
    assert_eq!(shop.0.provider_count(charged).await, 1);
}

#[tokio::test]
async fn a_declined_order_is_paid_again_and_paid_back_through_the_edge() {
    let shop = Paying::start().await;
    let declined = shop.0.an_order("pm_card_declined").await;
    let declined = shop.0.order("k", &declined).await;
    assert_eq!(declined.status, StatusCode::PAYMENT_REQUIRED);
    let id = declined.json()["order"].as_str().expect("an id").to_owned();
    let path = format!("/v2/orders/{id}/payments");
    let visa = json!({"payment_method": "pm_card_visa"});
    let customer = shop.0.customer_token.clone();
    let paid = shop.post(&customer, &path, "again", &visa).await;
    assert_eq!(paid.status, StatusCode::CREATED, "{}", paid.text());
    let replayed = shop.post(&customer, &path, "again", &visa).await;
    assert_eq!(replayed.text(), paid.text());
    assert_eq!(replayed.field("idempotent-replayed"), "true");
    assert_eq!(replayed.field("location"), paid.field("location"));
    shop.stands(&id, "confirmed").await;

    let refunds = format!(
        "/v2{}/refunds",
        paid.field("location").trim_start_matches("/v2")
    );
    let admin = shop.0.admin_token.clone();
    let back = shop.post(&admin, &refunds, "back", &json!({})).await;
    assert_eq!(back.status, StatusCode::CREATED, "{}", back.text());
    assert_eq!(back.json()["amount"], paid.json()["amount"]);
    shop.stands(&id, "refunded").await;
    // An older version's clients see amounts as texts.
    let first = shop.0.request("GET", &refunds.replace("/v2/", "/v1/"));
    let list = Answer::to(first.bearer_auth(&customer)).await.json();
    assert!(list["data"][0]["amount"].is_string(), "{list}");
}
