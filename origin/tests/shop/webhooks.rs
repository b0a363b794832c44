//! What the provider tells by itself: settles what is open once, and has paid back what nobody ordered.

use serde_json::{Value, json};
use standardwebhooks::Webhook;

use crate::harness::{Answer, RESERVATION_SECONDS, Shop, WEBHOOK_SECRET, order, request};
use crate::provider::Fault;

/// Another provider's.
const OTHER_SECRET: &str = "whsec_AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
/// Beyond the time that a stray is looked for.
const STRAY_MS: i64 = 61_000;

fn event(id: &str, reference: &str, decline_code: Option<&str>, amount: i64) -> Value {
    let status = if decline_code.is_some() {
        "declined"
    } else {
        "succeeded"
    };
    json!({
        "id": id,
        "type": format!("charge.{status}"),
        "created": 1,
        "data": {"id": format!("ch_of_{reference}"), "reference": reference, "status": status,
            "decline_code": decline_code, "method": "pm_card_visa", "amount": amount,
            "currency": "USD", "created": 1},
    })
}

impl Shop {
    async fn tell_under(&self, secret: &str, event: &Value) -> Answer {
        let now = self.app.shop.platform.now().timestamp();
        let (id, body) = (event["id"].as_str().unwrap(), event.to_string());
        let signer = Webhook::new(secret).unwrap();
        let signature = signer.sign(id, now, body.as_bytes()).unwrap();
        let fields = [
            ("content-type", "application/json"),
            ("webhook-id", id),
            ("webhook-timestamp", &now.to_string()),
            ("webhook-signature", &signature),
        ];
        self.send(request("POST", "/webhooks/payments", &fields, &body))
            .await
    }

    async fn tell(&self, event: &Value) -> u16 {
        self.tell_under(WEBHOOK_SECRET, event).await.status
    }

    /// An order that is charged, of which nobody heard, and how its charge is called.
    async fn unheard(&self, faults: impl IntoIterator<Item = Fault>) -> (Value, String) {
        let products = self.plenty().await;
        let new = order(&[(&products[0], 2)], "pm_card_visa");
        self.provider.breaks(faults);
        assert_eq!(self.order("k", &new).await.code(), "operation_uncertain");
        let reference: String = sqlx::query_scalar("select reference from payments")
            .fetch_one(&self.app.shop.pool)
            .await
            .unwrap();
        (new, reference)
    }

    async fn strays(&self) -> (i64, i64) {
        (
            self.count("select count(*) from stray_charges").await,
            self.count("select count(*) from stray_charges where refund_id is not null")
                .await,
        )
    }
}

#[tokio::test]
async fn a_charge_that_nobody_heard_of_is_settled_once() {
    for (decline_code, status, order_status) in [
        (None, 201, "confirmed"),
        (Some("card_declined"), 402, "payment_failed"),
    ] {
        let shop = Shop::open().await;
        let (new, reference) = shop.unheard([Fault::RequestLost, Fault::LookUpLost]).await;
        let event = event("evt_1", &reference, decline_code, 1);
        assert_eq!(shop.tell(&event).await, 204);
        assert_eq!(shop.tell(&event).await, 204);
        let found: String = sqlx::query_scalar("select status from orders")
            .fetch_one(&shop.app.shop.pool)
            .await
            .unwrap();
        assert_eq!(found, order_status);
        let answer = shop.order("k", &new).await;
        assert_eq!(
            (answer.status, answer.field("idempotent-replayed")),
            (status, "true")
        );
        // The provider was not asked again, and told once.
        assert_eq!(shop.provider.charges(), 0);
        assert_eq!(shop.count("select count(*) from outbox").await, 2);
        let inbox = "select count(*) from inbox where consumer = 'payment_webhook'";
        assert_eq!(shop.count(inbox).await, 1);
        assert_eq!(shop.strays().await, (0, 0));
    }
}

#[tokio::test]
async fn who_works_on_the_order_hears_of_it_first() {
    let shop = Shop::open().await;
    let products = shop.plenty().await;
    let new = order(&[(&products[0], 1)], "pm_card_visa");
    shop.provider.breaks([Fault::Held]);
    let client = {
        let (shop, new) = (shop.clone(), new.clone());
        tokio::spawn(async move { shop.order("k", &new).await })
    };
    shop.provider.held.notified().await;
    let reference: String = sqlx::query_scalar("select reference from payments")
        .fetch_one(&shop.app.shop.pool)
        .await
        .unwrap();
    let event = event("evt_1", &reference, None, 1);
    assert_eq!(shop.tell(&event).await, 503);
    shop.provider.go.notify_one();
    let answer = client.await.unwrap();
    assert_eq!(
        (answer.status, answer.field("idempotent-replayed")),
        (201, "false")
    );
    assert_eq!(shop.tell(&event).await, 204);
    assert_eq!(shop.count("select version from orders").await, 2);
}

#[tokio::test]
async fn nobody_else_can_tell_of_payments() {
    let shop = Shop::open().await;
    let (_, reference) = shop.unheard([Fault::RequestLost, Fault::LookUpLost]).await;
    let event = event("evt_1", &reference, None, 1);
    let forged = shop.tell_under(OTHER_SECRET, &event).await;
    assert_eq!(
        (forged.status, forged.code().as_str()),
        (400, "request_invalid")
    );
    let unsigned = request("POST", "/webhooks/payments", &[], &event.to_string());
    assert_eq!(shop.send(unsigned).await.status, 400);
    let paid = "select count(*) from orders where status <> 'processing'";
    assert_eq!(shop.count(paid).await, 0);
    assert_eq!(shop.count("select count(*) from inbox").await, 0);
}

#[tokio::test]
async fn what_nobody_ordered_is_paid_back_once() {
    let shop = Shop::open().await;
    assert_eq!(
        shop.tell(&event("evt_1", "ord_lost-1", Some("card_declined"), 700))
            .await,
        204
    );
    assert_eq!(shop.strays().await, (0, 0));
    let event = event("evt_2", "ord_lost-1", None, 700);
    assert_eq!(shop.tell(&event).await, 204);
    assert_eq!(shop.tell(&event).await, 204);
    // Its order may still come.
    assert_eq!(shop.app.strays.step().await.unwrap(), 0);
    shop.clock.advance_ms(STRAY_MS);
    shop.provider.breaks([Fault::RefundReplyLost]);
    assert_eq!(shop.app.strays.step().await.unwrap(), 1);
    assert_eq!(shop.strays().await, (1, 0));
    shop.clock.advance_ms(STRAY_MS);
    assert_eq!(shop.app.strays.step().await.unwrap(), 1);
    assert_eq!(shop.app.strays.step().await.unwrap(), 0);
    assert_eq!(shop.strays().await, (1, 1));
    assert_eq!(shop.provider.refunds(), [("ord_lost-1".to_owned(), 700)]);
}

#[tokio::test]
async fn a_charge_after_its_order_was_given_up_is_paid_back() {
    let shop = Shop::open().await;
    let (new, reference) = shop.unheard([Fault::RequestLost]).await;
    shop.clock
        .advance_ms(i64::from(RESERVATION_SECONDS) * 1_000);
    shop.app.sweeper.step().await.unwrap();
    shop.clock.advance_ms(STRAY_MS);
    assert_eq!(shop.app.completer.step().await.unwrap(), 1);
    assert_eq!(shop.tell(&event("evt_1", &reference, None, 700)).await, 204);
    shop.clock.advance_ms(STRAY_MS);
    assert_eq!(shop.app.strays.step().await.unwrap(), 1);
    assert_eq!(shop.provider.refunds(), [(reference, 700)]);
    assert_eq!(shop.order("k", &new).await.status, 402);
}

#[tokio::test]
async fn an_order_that_comes_again_after_its_charge_went_back_is_not_paid_by_it() {
    let shop = Shop::open().await;
    let (new, reference) = shop.unheard([Fault::ReplyLost, Fault::LookUpLost]).await;
    let before = "select sum(available + reserved)::bigint from inventory";
    let all = shop.count(before).await;
    // A standby took over that had not got T1 yet, and then the provider told of the charge.
    sqlx::raw_sql(
        "update inventory set available = available + reserved, reserved = 0;
         truncate idempotency_keys, refunds, payments, reservations, order_items, orders,
                  deliveries, outbox",
    )
    .execute(&shop.app.shop.pool)
    .await
    .unwrap();
    let mut event = event("evt_1", &reference, None, 700);
    event["data"]["id"] = json!("ch_0");
    assert_eq!(shop.tell(&event).await, 204);
    let answer = shop.order("k", &new).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (402, "payment_declined")
    );
    assert_eq!(answer.json()["error"]["decline_code"], "charge_returned");
    assert_eq!(
        shop.count("select sum(available)::bigint from inventory")
            .await,
        all
    );
    assert_eq!(
        shop.count("select sum(reserved)::bigint from inventory")
            .await,
        0
    );
    assert_eq!(shop.order("k", &new).await.body, answer.body);
    shop.clock.advance_ms(STRAY_MS);
    assert_eq!(shop.app.strays.step().await.unwrap(), 1);
    assert_eq!(
        (shop.provider.charges(), shop.provider.refunds().len()),
        (1, 1)
    );
}
