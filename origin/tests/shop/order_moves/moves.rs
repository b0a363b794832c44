//! Cancelled, fulfilled, deleted.

use serde_json::{Value, json};
use shared::caller::{Mode, Role};
use shared::id::OrderId;
use shared::idempotency::Key;

use super::{CANCEL, FULFIL, events, lost_stock, stock};
use crate::callers::{JSON, MERGE, path};
use crate::harness::{Shop, order};
use crate::provider::Fault;

#[tokio::test]
async fn a_cancelled_order_gives_back_what_it_took() {
    let shop = Shop::open().await;
    let before = stock(&shop).await;
    let available = shop.count("select sum(available) from inventory").await;
    let placed = shop.confirmed("k").await;
    let status = format!("{}/status", path(&placed));
    let cancelled = shop
        .ask(&shop.customer, "PUT", &status, &[JSON], CANCEL)
        .await;
    assert_eq!(
        (cancelled.status, cancelled.field("etag")),
        (200, "\"3\""),
        "{cancelled:?}"
    );
    let seen = cancelled.json();
    assert_eq!(
        (&seen["status"], &seen["version"]),
        (&json!("cancelled"), &json!(3))
    );
    assert_eq!(seen["payment"]["status"], "refund_pending");
    assert_eq!(
        shop.count("select sum(available) from inventory").await,
        available
    );
    assert_eq!(lost_stock(&shop, before).await, 0);
    assert_eq!(
        shop.count("select count(*) from reservations where status = 'returned'")
            .await,
        2
    );
    let told: Value =
        sqlx::query_scalar("select payload from outbox where type = 'order.cancelled'")
            .fetch_one(&shop.app.shop.pool)
            .await
            .unwrap();
    assert_eq!(told, seen);
    // Asking again is answered, and does nothing.
    let again = shop.ask(&shop.admin, "PUT", &status, &[JSON], CANCEL).await;
    assert_eq!((again.status, again.json()), (200, seen));
    assert_eq!(events(&shop, "order.cancelled").await, 1);
    let late = shop.ask(&shop.admin, "PUT", &status, &[JSON], FULFIL).await;
    assert_eq!(late.code(), "illegal_transition");
    assert_eq!(late.json()["current"], "cancelled");
    assert_eq!(late.json()["requested"], "fulfilled");
    let fields = [MERGE, ("if-match", "\"3\"")];
    let edit = shop
        .ask(
            &shop.customer,
            "PATCH",
            &path(&placed),
            &fields,
            r#"{"note":"x"}"#,
        )
        .await;
    assert_eq!(
        (edit.status, edit.code().as_str()),
        (409, "illegal_transition")
    );
}

#[tokio::test]
async fn a_fulfilled_order_stays() {
    let shop = Shop::open().await;
    let placed = shop.confirmed("k").await;
    let status = format!("{}/status", path(&placed));
    let minimal = ("prefer", "return=minimal");
    let sent = shop
        .ask(&shop.admin, "PUT", &status, &[JSON, minimal], FULFIL)
        .await;
    assert_eq!(
        (sent.status, sent.field("etag")),
        (204, "\"3\""),
        "{sent:?}"
    );
    let again = shop.ask(&shop.admin, "PUT", &status, &[JSON], FULFIL).await;
    assert_eq!(
        (again.status, &again.json()["status"]),
        (200, &json!("fulfilled"))
    );
    assert_eq!(events(&shop, "order.fulfilled").await, 1);
    let tag = ("if-match", "\"3\"");
    for (method, path, fields, body) in [
        ("PUT", status.clone(), vec![JSON], CANCEL),
        ("DELETE", path(&placed), vec![tag], ""),
        (
            "PATCH",
            path(&placed),
            vec![MERGE, tag],
            r#"{"note":"late"}"#,
        ),
    ] {
        let late = shop.ask(&shop.customer, method, &path, &fields, body).await;
        assert_eq!(
            (late.status, late.code().as_str()),
            (409, "illegal_transition")
        );
        assert_eq!(late.json()["current"], "fulfilled");
    }
    assert_eq!(shop.count("select sum(sold) from inventory").await, 3);
}

#[tokio::test]
async fn deleting_cancels_and_hides() {
    let shop = Shop::open().await;
    let placed = shop.confirmed("k").await;
    let kept = shop.confirmed("kept").await;
    let at = path(&placed);
    let me = &shop.customer;
    let gone = shop
        .ask(me, "DELETE", &at, &[("if-match", "\"2\"")], "")
        .await;
    assert_eq!((gone.status, gone.body.len()), (204, 0), "{gone:?}");
    assert_eq!(gone.field("cache-control"), "private, no-store");
    let status = format!("{at}/status");
    for (method, path, fields, body) in [
        ("DELETE", &at, vec![], ""),
        ("GET", &at, vec![], ""),
        ("PATCH", &at, vec![MERGE], "{}"),
        ("PUT", &status, vec![JSON], CANCEL),
    ] {
        let answer = shop.ask(me, method, path, &fields, body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (404, "not_found"),
            "{method}"
        );
    }
    assert_eq!(events(&shop, "order.cancelled").await, 1);
    let list = shop.ask(me, "GET", "/orders", &[], "").await.json();
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    assert_eq!(list["data"][0]["id"], kept["id"]);
    let support = shop.token("usr_support", Role::Support).await;
    for token in [&support, &shop.admin] {
        let read = shop.ask(token, "GET", &at, &[], "").await;
        assert_eq!(
            (read.status, &read.json()["status"]),
            (200, &json!("cancelled"))
        );
        let list = shop.ask(token, "GET", "/orders", &[], "").await.json();
        assert_eq!(list["data"].as_array().unwrap().len(), 2);
    }
    // Its key is still taken, and its answer the same.
    let products = shop.plenty().await;
    let new = order(&[(&products[0], 2), (&products[1], 1)], "pm_card_visa");
    let replay = shop.order("k", &new).await;
    assert_eq!((replay.status, replay.json()), (201, placed));

    // What is at its end is only hidden.
    let declined = order(&[(&products[0], 1)], "declines");
    let problem = shop.order("declined", &declined).await.json();
    let failed = format!("/orders/{}", problem["error"]["order"].as_str().unwrap());
    let tag = shop
        .ask(me, "GET", &failed, &[], "")
        .await
        .field("etag")
        .to_owned();
    let gone = shop
        .ask(me, "DELETE", &failed, &[("if-match", &tag)], "")
        .await;
    assert_eq!(gone.status, 204);
    assert_eq!(shop.ask(me, "GET", &failed, &[], "").await.status, 404);
    assert_eq!(events(&shop, "order.cancelled").await, 1);
    let read = shop.ask(&shop.admin, "GET", &failed, &[], "").await;
    assert_eq!(read.json()["status"], "payment_failed");
}

#[tokio::test]
async fn while_it_is_being_paid_an_order_stays_as_it_is() {
    let shop = Shop::open().await;
    let products = shop.plenty().await;
    let new = order(&[(&products[0], 1)], "pm_card_visa");
    shop.provider.breaks([Fault::Held]);
    let paying = {
        let shop = shop.clone();
        tokio::spawn(async move { shop.order("k", &new).await })
    };
    shop.provider.held.notified().await;
    let key = Key::from_fields(std::iter::once(b"k".as_slice()))
        .unwrap()
        .unwrap();
    let account = origin::seed::customer().to_string();
    let id: OrderId = shop
        .app
        .shop
        .derivation_key
        .order_id(&account, Mode::Live, &key);
    let at = format!("/orders/{id}");
    let status = format!("{at}/status");
    let tag = ("if-match", "\"1\"");
    for (method, path, fields, body) in [
        ("PUT", &status, vec![JSON], CANCEL),
        ("DELETE", &at, vec![tag], ""),
        ("PATCH", &at, vec![MERGE, tag], r#"{"note":"x"}"#),
    ] {
        let early = shop.ask(&shop.customer, method, path, &fields, body).await;
        assert_eq!(
            (early.status, early.code().as_str()),
            (409, "illegal_transition")
        );
        assert_eq!(early.json()["current"], "processing");
    }
    shop.provider.go.notify_one();
    let placed = paying.await.unwrap();
    assert_eq!(placed.status, 201);
    let read = shop.ask(&shop.customer, "GET", &at, &[], "").await;
    assert_eq!(
        (read.json(), read.field("etag")),
        (placed.json(), placed.field("etag"))
    );
}
