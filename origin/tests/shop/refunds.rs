//! What was paid for a cancelled order goes back once, however often it is asked for.

use std::sync::Arc;

use origin::events::Consumer;
use origin::events::refund::Refunds;
use origin::events::relay::Relay;
use serde_json::{Value, json};
use shared::caller::Role;
use tokio::sync::Notify;

use crate::callers::{JSON, path};
use crate::harness::{Shop, order, platform};
use crate::provider::Fault;

const CANCEL: &str = r#"{"status":"cancelled"}"#;

async fn cancelled(shop: &Shop, key: &str) -> Value {
    let placed = shop.confirmed(key).await;
    let status = format!("{}/status", path(&placed));
    let answer = shop
        .ask(&shop.customer, "PUT", &status, &[JSON], CANCEL)
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

async fn rest(relay: &Relay) {
    while relay.step().await.unwrap() > 0 {}
}

#[tokio::test]
async fn a_cancelled_order_is_paid_back() {
    let shop = Shop::open().await;
    let order = cancelled(&shop, "k").await;
    rest(&shop.app.relay).await;
    let paid: i64 = order["total"]["amount"].as_i64().unwrap();
    let refunds = shop.provider.refunds();
    assert_eq!(
        refunds,
        [(format!("{}-1", order["id"].as_str().unwrap()), paid)]
    );
    let read = shop
        .ask(&shop.customer, "GET", &path(&order), &[], "")
        .await;
    let seen = read.json();
    assert_eq!(
        (&seen["status"], &seen["payment"]["status"]),
        (&json!("cancelled"), &json!("refunded"))
    );
    assert_eq!(
        read.field("etag"),
        "\"4\"",
        "the order shows its payment, so it has changed"
    );
    let told: Value =
        sqlx::query_scalar("select payload from outbox where type = 'order.refunded'")
            .fetch_one(&shop.app.shop.pool)
            .await
            .unwrap();
    assert_eq!(told, seen);

    // The payment can be read by whoever may see it, also when its order is gone.
    let payment = format!("/payments/{}", seen["payment"]["id"].as_str().unwrap());
    let gone = shop
        .ask(
            &shop.customer,
            "DELETE",
            &path(&order),
            &[("if-match", "\"4\"")],
            "",
        )
        .await;
    assert_eq!(gone.status, 204, "{gone:?}");
    let support = shop.token("usr_support", Role::Support).await;
    let mut tag = String::new();
    for token in [&shop.customer, &shop.admin, &support] {
        let read = shop.ask(token, "GET", &payment, &[], "").await;
        assert_eq!(read.status, 200, "{read:?}");
        let body = read.json();
        assert_eq!(
            (&body["object"], &body["status"]),
            (&json!("payment"), &json!("refunded"))
        );
        assert_eq!(
            (&body["order_id"], &body["amount"]),
            (&order["id"], &order["total"])
        );
        read.field("etag").clone_into(&mut tag);
    }
    let stranger = shop.token("usr_stranger", Role::Customer).await;
    for (token, path, status) in [
        (stranger.as_str(), payment.as_str(), 404),
        ("", &payment, 401),
        (
            &shop.customer,
            "/payments/pay_00000000000000000000000000",
            404,
        ),
        (&shop.customer, "/payments/x", 404),
    ] {
        assert_eq!(
            shop.ask(token, "GET", path, &[], "").await.status,
            status,
            "{path}"
        );
    }
    let same = shop
        .ask(&support, "GET", &payment, &[("if-none-match", &tag)], "")
        .await;
    assert_eq!(same.status, 304);
}

#[tokio::test]
async fn a_refund_is_one_however_often_it_is_delivered() {
    let shop = Shop::open().await;
    let stock = shop.count("select sum(available) from inventory").await;
    cancelled(&shop, "k").await;
    shop.provider.breaks([Fault::RefundReplyLost]);
    rest(&shop.app.relay).await;
    // Paid back, and not known to be: put off, and still owed.
    assert_eq!(
        (shop.provider.asked(), shop.provider.refunds().len()),
        (1, 1)
    );
    assert_eq!(
        shop.count("select count(*) from payments where status = 'refund_pending'")
            .await,
        1
    );
    assert_eq!(
        shop.count("select count(*) from outbox where type = 'order.refunded'")
            .await,
        0
    );
    shop.clock.advance_ms(1000);
    rest(&shop.app.relay).await;
    assert_eq!(
        (shop.provider.asked(), shop.provider.refunds().len()),
        (2, 1)
    );

    // A restored inbox delivers all of it again.
    sqlx::query("delete from inbox where consumer = 'refund'")
        .execute(&shop.app.shop.pool)
        .await
        .unwrap();
    sqlx::query(
        "insert into deliveries (consumer, event_id, aggregate_id, seq, type, payload, created_at,
             attempts, retry_at)
         select 'refund', id, aggregate_id, seq, type, payload, created_at, 1, created_at
         from outbox
         where type = 'order.cancelled'",
    )
    .execute(&shop.app.shop.pool)
    .await
    .unwrap();
    rest(&shop.app.relay).await;
    assert_eq!(
        (shop.provider.asked(), shop.provider.refunds().len()),
        (2, 1)
    );
    assert_eq!(
        shop.count("select count(*) from outbox where type = 'order.refunded'")
            .await,
        1
    );
    assert_eq!(
        shop.count("select count(*) from payments where status = 'refunded'")
            .await,
        1
    );
    assert_eq!(shop.count("select count(*) from deliveries").await, 0);
    assert_eq!(
        shop.count("select sum(available) from inventory").await,
        stock
    );
    assert_eq!(
        shop.count("select sum(sold + reserved) from inventory")
            .await,
        0
    );
}

#[tokio::test]
async fn two_workers_on_one_refund_write_it_once() {
    let shop = Shop::open().await;
    cancelled(&shop, "k").await;
    let worker = || {
        let refunds: Arc<dyn Consumer> = Arc::new(Refunds::new(
            shop.provider.clone(),
            shop.app.shop.derivation_key.clone(),
            platform(&shop.clock),
        ));
        let pool = shop.app.shop.pool.clone();
        Relay::new(
            pool,
            platform(&shop.clock),
            Arc::new(Notify::new()),
            vec![refunds],
        )
    };
    let (one, other) = (worker(), worker());
    // The second takes the lease over while the first one waits for the provider, and is done first.
    shop.provider.breaks([Fault::RefundHeld]);
    let first = tokio::spawn(async move { one.step().await.unwrap() });
    shop.provider.held.notified().await;
    shop.clock.advance_ms(60_000);
    rest(&other).await;
    assert_eq!(
        shop.count("select count(*) from payments where status = 'refunded'")
            .await,
        1
    );
    shop.provider.go.notify_one();
    first.await.unwrap();
    rest(&other).await;
    assert_eq!(shop.provider.asked(), 2);
    assert_eq!(shop.provider.refunds().len(), 1);
    assert_eq!(
        shop.count("select count(*) from outbox where type = 'order.refunded'")
            .await,
        1
    );
    assert_eq!(shop.count("select version from orders").await, 4);
    assert_eq!(
        shop.count("select count(*) from inbox where consumer = 'refund'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_cancellation_is_mailed() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::open().await;
    let mut config = shop.config.clone();
    config.mail.mail_dir = Some(folder.path().to_owned());
    let app = origin::app::App::build_with(&config, platform(&shop.clock), shop.provider.clone())
        .unwrap();
    let cancelled = cancelled(&shop, "k").await;
    let products = shop.plenty().await;
    shop.order("kept", &order(&[(&products[0], 1)], "pm_card_visa"))
        .await;
    rest(&app.relay).await;
    let mut subjects: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|mail| std::fs::read_to_string(mail.unwrap().path()).unwrap())
        .filter(|text| text.contains(cancelled["id"].as_str().unwrap()))
        .filter_map(|text| {
            let line = text.lines().find(|line| line.starts_with("Subject: "))?;
            line.split_whitespace().last().map(str::to_owned)
        })
        .collect();
    subjects.sort_unstable();
    assert_eq!(subjects, ["back", "cancelled", "confirmed"]);
}
