//! What may be done to an order once it stands, by whom, and that nothing of it happens twice.

use serde_json::{Value, json};
use shared::assertion::{Asserted, AssertionKeys};
use shared::caller::{Caller, Mode, Role};
use shared::id::OrderId;
use shared::idempotency::Key;

use crate::callers::{JSON, MERGE, PATCH, Refused, path};
use crate::harness::{BEGIN_MS, Shop, order, principal, request};
use crate::provider::Fault;

const CANCEL: &str = r#"{"status":"cancelled"}"#;
const FULFIL: &str = r#"{"status":"fulfilled"}"#;

/// Products whose stock is not what it was at the beginning.
async fn lost_stock(shop: &Shop, before: i64) -> i64 {
    before
        - shop
            .count("select sum(available + reserved + sold) from inventory")
            .await
}

async fn stock(shop: &Shop) -> i64 {
    shop.count("select sum(available + reserved + sold) from inventory")
        .await
}

async fn events(shop: &Shop, kind: &str) -> i64 {
    sqlx::query_scalar("select count(*) from outbox where type = $1")
        .bind(kind)
        .fetch_one(&shop.app.shop.pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn refusals_come_in_their_order() {
    let shop = Shop::open().await;
    let placed = shop.confirmed("k").await;
    let at = path(&placed);
    let status = format!("{at}/status");
    let (me, admin) = (shop.customer.clone(), shop.admin.clone());
    let support = shop.token("usr_support", Role::Support).await;
    let stranger = shop.token("usr_stranger", Role::Customer).await;
    let nothing = "/orders/ord_00000000000000000000000000";
    let nowhere = "/orders/ord_00000000000000000000000000/status";
    let tag = ("if-match", "\"2\"");
    let stale = ("if-match", "\"1\"");
    let none = ("if-none-match", "*");
    let illegal = "illegal_transition";
    let rows: Vec<Refused<'_>> = vec![
        ("", "PATCH", &at, vec![MERGE], "{}", 401, "token_missing"),
        (&support, "PATCH", &at, vec![], "", 403, "scope_missing"),
        (
            &me,
            "PATCH",
            nothing,
            vec![JSON],
            "{",
            415,
            "media_type_unsupported",
        ),
        (&me, "PATCH", nothing, vec![MERGE], "{", 400, "body_invalid"),
        (&me, "PATCH", nothing, vec![MERGE], "{}", 404, "not_found"),
        (&stranger, "PATCH", &at, vec![MERGE], "{}", 404, "not_found"),
        (
            &me,
            "PATCH",
            &at,
            vec![MERGE],
            "{}",
            428,
            "precondition_required",
        ),
        (
            &me,
            "PATCH",
            &at,
            vec![MERGE, stale],
            "{}",
            412,
            "precondition_failed",
        ),
        (
            &me,
            "PATCH",
            &at,
            vec![MERGE, tag, none],
            "{}",
            412,
            "precondition_failed",
        ),
        (
            &me,
            "PATCH",
            &at,
            vec![MERGE, tag],
            r#"{"version":1}"#,
            409,
            "version_conflict",
        ),
        (
            &me,
            "PATCH",
            &at,
            vec![MERGE, tag],
            r#"{"status":"fulfilled"}"#,
            400,
            "body_invalid",
        ),
        (
            &me,
            "PATCH",
            &at,
            vec![MERGE, tag],
            r#"{"shipping_address":null}"#,
            400,
            "body_invalid",
        ),
        (
            &me,
            "PATCH",
            &at,
            vec![PATCH, tag],
            r#"[{"op":"test","path":"/note","value":"x"}]"#,
            409,
            "patch_test_failed",
        ),
        ("", "PUT", &status, vec![JSON], CANCEL, 401, "token_missing"),
        (
            &support,
            "PUT",
            &status,
            vec![JSON],
            CANCEL,
            403,
            "scope_missing",
        ),
        (
            &me,
            "PUT",
            nowhere,
            vec![],
            CANCEL,
            415,
            "media_type_unsupported",
        ),
        (&me, "PUT", nowhere, vec![JSON], "{}", 400, "body_invalid"),
        (
            &me,
            "PUT",
            nowhere,
            vec![JSON],
            r#"{"status":"eaten"}"#,
            400,
            "body_invalid",
        ),
        (&me, "PUT", nowhere, vec![JSON], CANCEL, 404, "not_found"),
        (
            &stranger,
            "PUT",
            &status,
            vec![JSON],
            CANCEL,
            404,
            "not_found",
        ),
        (
            &me,
            "PUT",
            &status,
            vec![JSON, stale],
            FULFIL,
            403,
            "scope_missing",
        ),
        (
            &me,
            "PUT",
            &status,
            vec![JSON, stale],
            CANCEL,
            412,
            "precondition_failed",
        ),
        (
            &me,
            "PUT",
            &status,
            vec![JSON],
            r#"{"status":"cancelled","version":1}"#,
            409,
            "version_conflict",
        ),
        (
            &me,
            "PUT",
            &status,
            vec![JSON],
            r#"{"status":"pending"}"#,
            409,
            illegal,
        ),
        (
            &admin,
            "PUT",
            &status,
            vec![JSON],
            r#"{"status":"refunded"}"#,
            409,
            illegal,
        ),
        (&support, "DELETE", &at, vec![tag], "", 403, "scope_missing"),
        (&me, "DELETE", nothing, vec![], "", 404, "not_found"),
        (&stranger, "DELETE", &at, vec![], "", 404, "not_found"),
        (&admin, "DELETE", &at, vec![tag], "", 403, "forbidden"),
        (&me, "DELETE", &at, vec![], "", 428, "precondition_required"),
        (
            &me,
            "DELETE",
            &at,
            vec![stale],
            "",
            412,
            "precondition_failed",
        ),
    ];
    for (token, method, path, fields, body, status, code) in rows {
        let answer = shop.ask(token, method, path, &fields, body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{method} {path} {fields:?} {body}"
        );
        if status == 412 || code == "version_conflict" {
            assert_eq!(answer.field("etag"), "\"2\"", "the current one");
        }
    }
    let read = shop.ask(&me, "GET", &at, &[], "").await;
    assert_eq!(read.json(), placed, "nothing was written");
}

#[tokio::test]
async fn address_and_note_change_and_nothing_else() {
    let shop = Shop::open().await;
    let placed = shop.confirmed("k").await;
    let at = path(&placed);
    let me = &shop.customer;
    shop.clock.advance_ms(1000);
    let patch = r#"{"note":"ring twice 🔔","shipping_address":{"line2":"2nd floor"}}"#;
    let fields = [MERGE, ("if-match", "\"2\"")];
    let changed = shop.ask(me, "PATCH", &at, &fields, patch).await;
    assert_eq!(
        (changed.status, changed.field("etag")),
        (200, "\"3\""),
        "{changed:?}"
    );
    let mut expected = placed.clone();
    expected["note"] = json!("ring twice 🔔");
    expected["shipping_address"]["line2"] = json!("2nd floor");
    expected["version"] = json!(3);
    expected["updated_at"] = changed.json()["updated_at"].clone();
    assert_eq!(changed.json(), expected);
    assert_ne!(expected["updated_at"], placed["updated_at"]);
    assert_eq!(shop.ask(me, "GET", &at, &[], "").await.json(), expected);

    let patch = r#"[{"op":"test","path":"/version","value":3},{"op":"remove","path":"/note"}]"#;
    let fields = [PATCH, ("if-match", "\"3\""), ("prefer", "return=minimal")];
    let changed = shop.ask(&shop.admin, "PATCH", &at, &fields, patch).await;
    assert_eq!(
        (changed.status, changed.body.len()),
        (204, 0),
        "{changed:?}"
    );
    assert_eq!(changed.field("etag"), "\"4\"");
    assert_eq!(changed.field("preference-applied"), "return=minimal");
    let read = shop.ask(me, "GET", &at, &[], "").await.json();
    assert_eq!(read["note"], Value::Null);
    assert_eq!(read["shipping_address"]["line2"], "2nd floor");

    // Of many with one tag, one wins.
    let tasks: Vec<_> = (0..8)
        .map(|number| {
            let (shop, at) = (shop.clone(), at.clone());
            tokio::spawn(async move {
                let patch = json!({"note": number.to_string()}).to_string();
                let fields = [MERGE, ("if-match", "\"4\"")];
                shop.ask(&shop.customer, "PATCH", &at, &fields, &patch)
                    .await
                    .status
            })
        })
        .collect();
    let mut statuses = Vec::new();
    for task in tasks {
        statuses.push(task.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
    assert_eq!(
        shop.ask(me, "GET", &at, &[], "").await.field("etag"),
        "\"5\""
    );
}

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
async fn cancelling_at_once_happens_once() {
    let shop = Shop::open().await;
    let before = stock(&shop).await;
    let placed = shop.confirmed("k").await;
    let status = format!("{}/status", path(&placed));
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let (shop, status) = (shop.clone(), status.clone());
            tokio::spawn(async move {
                shop.ask(&shop.customer, "PUT", &status, &[JSON], CANCEL)
                    .await
            })
        })
        .collect();
    let mut bodies = Vec::new();
    for task in tasks {
        let answer = task.await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        bodies.push(answer.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "all see the same cancelled order");
    assert_eq!(events(&shop, "order.cancelled").await, 1);
    assert_eq!(lost_stock(&shop, before).await, 0);
    assert_eq!(shop.count("select sum(sold) from inventory").await, 0);
}

#[tokio::test]
async fn cancelling_and_fulfilling_at_once_one_wins() {
    for round in 0..4 {
        let shop = Shop::open().await;
        let placed = shop.confirmed("k").await;
        let status = format!("{}/status", path(&placed));
        let ask = |token: String, body: &'static str| {
            let (shop, status) = (shop.clone(), status.clone());
            tokio::spawn(async move { shop.ask(&token, "PUT", &status, &[JSON], body).await })
        };
        let cancelled = ask(shop.customer.clone(), CANCEL);
        let sent = ask(shop.admin.clone(), FULFIL);
        let mut statuses = [cancelled.await.unwrap().status, sent.await.unwrap().status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "round {round}");
        let told = events(&shop, "order.cancelled").await + events(&shop, "order.fulfilled").await;
        assert_eq!(told, 1);
    }
}

#[tokio::test]
async fn cancelling_among_new_orders_does_not_deadlock() {
    let shop = Shop::open().await;
    let before = stock(&shop).await;
    let products = shop.plenty().await;
    let mut placed = Vec::new();
    for number in 0..8 {
        placed.push(shop.confirmed(&format!("first{number}")).await);
    }
    let cancelling = placed.into_iter().map(|order| {
        let (shop, status) = (shop.clone(), format!("{}/status", path(&order)));
        tokio::spawn(async move {
            shop.ask(&shop.customer, "PUT", &status, &[JSON], CANCEL)
                .await
                .status
        })
    });
    let ordering = (0..8).map(|number| {
        let new = order(&[(&products[1], 1), (&products[0], 1)], "pm_card_visa");
        let shop = shop.clone();
        tokio::spawn(async move { shop.order(&format!("then{number}"), &new).await.status })
    });
    let tasks: Vec<_> = cancelling.chain(ordering).collect();
    let mut done = [0, 0];
    for task in tasks {
        match task.await.unwrap() {
            200 => done[0] += 1,
            201 => done[1] += 1,
            other => panic!("{other}"),
        }
    }
    assert_eq!(done, [8, 8]);
    assert_eq!(lost_stock(&shop, before).await, 0);
    assert_eq!(shop.count("select sum(sold) from inventory").await, 16);
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

#[tokio::test]
async fn lists_are_filtered_by_status() {
    let shop = Shop::open().await;
    for key in ["a", "b", "c"] {
        shop.clock.advance_ms(1000);
        let placed = shop.confirmed(key).await;
        if key != "b" {
            let status = format!("{}/status", path(&placed));
            shop.ask(&shop.customer, "PUT", &status, &[JSON], CANCEL)
                .await;
        }
    }
    for (query, count) in [
        ("", 3),
        ("?status=cancelled", 2),
        ("?status=confirmed", 1),
        ("?status=fulfilled", 0),
    ] {
        let list = shop
            .ask(&shop.customer, "GET", &format!("/orders{query}"), &[], "")
            .await;
        assert_eq!(
            list.json()["data"].as_array().unwrap().len(),
            count,
            "{query}"
        );
    }
    let first = shop
        .ask(
            &shop.customer,
            "GET",
            "/orders?status=cancelled&limit=1",
            &[],
            "",
        )
        .await;
    let cursor = first.json()["next_cursor"].as_str().unwrap().to_owned();
    assert!(
        first.field("link").contains("status=cancelled"),
        "{first:?}"
    );
    for (query, status, code) in [
        (format!("status=cancelled&limit=1&cursor={cursor}"), 200, ""),
        (
            format!("status=confirmed&limit=1&cursor={cursor}"),
            400,
            "cursor_mismatch",
        ),
        ("status=eaten".to_owned(), 400, "request_invalid"),
    ] {
        let answer = shop
            .ask(&shop.customer, "GET", &format!("/orders?{query}"), &[], "")
            .await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{query}"
        );
    }
}

#[tokio::test]
async fn only_v1_may_order_without_an_expected_total() {
    let shop = Shop::open().await;
    let products = shop.plenty().await;
    let mut new = order(&[(&products[0], 2), (&products[1], 1)], "pm_card_visa");
    let total = new
        .as_object_mut()
        .unwrap()
        .remove("expected_total")
        .unwrap();
    let refused = shop.order("k", &new).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (400, "body_invalid")
    );
    let fault = &refused.json()["errors"][0];
    assert_eq!(
        (&fault["pointer"], &fault["code"]),
        (&json!("/expected_total"), &json!("required"))
    );

    let keys: AssertionKeys = shop.config.assertion_keys().unwrap();
    let asserted = Asserted {
        caller: Caller::Known(principal(
            &origin::seed::customer().to_string(),
            Role::Customer,
        )),
        api_version: "v1".into(),
        request_id: "req_of_the_edge".into(),
    };
    let assertion = keys
        .sign(&asserted, "POST", "/orders", BEGIN_MS / 1000)
        .unwrap();
    let fields = [
        ("headgate-assertion", assertion.as_str()),
        ("idempotency-key", "k"),
        JSON,
    ];
    let placed = shop
        .send(request("POST", "/orders", &fields, &new.to_string()))
        .await;
    assert_eq!(placed.status, 201, "{placed:?}");
    assert_eq!(placed.json()["total"], total);
    assert_eq!(shop.provider.charges(), 1);
    let told: Value = sqlx::query_scalar("select payload from outbox where type = 'order.created'")
        .fetch_one(&shop.app.shop.pool)
        .await
        .unwrap();
    assert_eq!(told["total"], total);
    // A total that is too high to be expected is the client's to mend, too.
    sqlx::query("update products set price_amount = 1000000000000")
        .execute(&shop.app.shop.pool)
        .await
        .unwrap();
    let fields = [
        ("headgate-assertion", assertion.as_str()),
        ("idempotency-key", "k2"),
        JSON,
    ];
    let much = shop
        .send(request("POST", "/orders", &fields, &new.to_string()))
        .await;
    assert_eq!(
        (much.status, much.code().as_str()),
        (400, "body_invalid"),
        "{much:?}"
    );
    assert_eq!(much.json()["errors"][0]["pointer"], "/items");
}
