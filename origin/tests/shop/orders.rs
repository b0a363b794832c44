//! Placing orders: outcomes, replays, refusals that leave nothing, and many at once.

use serde_json::json;

use crate::harness::{Shop, order, request};

#[tokio::test]
async fn an_order_is_placed_once_and_replayed_byte_for_byte() {
    let shop = Shop::open().await;
    let products = shop.plenty().await;
    let new = order(&[(&products[0], 2), (&products[1], 1)], "pm_card_visa");
    let first = shop.order("k", &new).await;
    assert_eq!(first.status, 201, "{first:?}");
    assert_eq!(first.field("idempotent-replayed"), "false");
    assert_eq!(first.field("headgate-committed"), "true");
    let placed = first.json();
    assert_eq!(placed["status"], "confirmed");
    assert_eq!(placed["items"].as_array().unwrap().len(), 2);
    let id = placed["id"].as_str().unwrap();
    assert_eq!(first.field("location"), format!("/orders/{id}"));

    shop.clock.advance_ms(60_000);
    let again = shop.order("\"k\"", &new).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.field("idempotent-replayed"), "true");
    assert_eq!(
        again.field("original-request-id"),
        first.field("x-request-id")
    );
    for name in ["content-type", "location", "etag"] {
        assert_eq!(again.field(name), first.field(name), "{name}");
    }

    let bearer = format!("Bearer {}", shop.customer);
    let read = shop
        .get(&format!("/orders/{id}"), &[("authorization", &bearer)])
        .await;
    assert_eq!(
        (read.json(), read.field("etag")),
        (placed, first.field("etag"))
    );
    assert_eq!(shop.provider.charges(), 1);
    assert_eq!(shop.count("select count(*) from orders").await, 1);
    assert_eq!(shop.count("select sum(sold) from inventory").await, 3);
    assert_eq!(shop.count("select sum(reserved) from inventory").await, 0);
    assert_eq!(
        shop.count("select count(*) from reservations where status = 'sold'")
            .await,
        2
    );
    // What T1 told of the order is what a reader would have seen.
    let told: serde_json::Value =
        sqlx::query_scalar("select payload from outbox where type = 'order.created'")
            .fetch_one(&shop.app.shop.pool)
            .await
            .unwrap();
    assert!(serde_json::from_value::<shared::order::Order>(told).is_ok());
}

#[tokio::test]
async fn a_decline_is_final_and_gives_the_stock_back() {
    let shop = Shop::open().await;
    let products = shop.plenty().await;
    let before = shop.count("select sum(available) from inventory").await;
    let new = order(&[(&products[0], 2)], "declines");
    let first = shop.order("k", &new).await;
    assert_eq!(
        (first.status, first.code().as_str()),
        (402, "payment_declined")
    );
    let problem = first.json();
    assert_eq!(problem["error"]["decline_code"], "card_declined");
    assert_eq!(problem["outcome"], "applied");
    assert!(problem["error"]["charge"].is_string() && problem["error"]["order"].is_string());
    let again = shop.order("k", &new).await;
    assert_eq!((again.status, &again.body), (402, &first.body));
    assert_eq!(again.field("error-code"), "payment_declined");
    assert_eq!(
        shop.count("select sum(available) from inventory").await,
        before
    );
    assert_eq!(
        shop.count("select count(*) from orders where status = 'payment_failed'")
            .await,
        1
    );
}

#[tokio::test]
async fn refusals_write_nothing_and_leave_the_key_free() {
    let shop = Shop::open().await;
    let products = shop.plenty().await;
    let good = order(&[(&products[0], 1)], "pm_card_visa");
    let changed = |member: &str, value| {
        let mut changed = good.clone();
        changed[member] = value;
        changed
    };
    let price = json!({"amount": 1, "currency": "USD"});
    let euros = json!({"amount": good["expected_total"]["amount"], "currency": "EUR"});
    let nothing = json!([{"product_id": "prd_00000000000000000000000001", "quantity": 1}]);
    let much: Vec<_> = (0..50)
        .map(|_| json!({"product_id": products[0]["id"], "quantity": 99}))
        .collect();
    for (new, status, code) in [
        (changed("expected_total", price), 409, "price_changed"),
        (changed("expected_total", euros), 409, "price_changed"),
        (changed("items", nothing), 409, "product_unavailable"),
        (changed("items", json!(much)), 409, "out_of_stock"),
        (changed("items", json!([])), 400, "body_invalid"),
        (changed("unknown", json!(1)), 400, "body_invalid"),
    ] {
        let answer = shop.order("k", &new).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{answer:?}"
        );
        assert_eq!(answer.json()["outcome"], "not_applied");
        assert_eq!(answer.json()["safe_new_key"], true);
        assert_eq!(answer.field("headgate-committed"), "");
    }
    for table in [
        "orders",
        "order_items",
        "payments",
        "outbox",
        "idempotency_keys",
        "reservations",
    ] {
        let sql = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        let rows: i64 = sqlx::query_scalar(sql)
            .fetch_one(&shop.app.shop.pool)
            .await
            .unwrap();
        assert_eq!(rows, 0, "{table}");
    }
    assert_eq!(shop.order("k", &good).await.status, 201);
    // A key that is taken comes before the faults of another body.
    let other = shop.order("k", &changed("items", json!([]))).await;
    assert_eq!(
        (other.status, other.code().as_str()),
        (422, "idempotency_key_reused")
    );
    assert_eq!(other.json()["differing"], json!(["body"]));
}

#[tokio::test]
async fn keys_media_types_and_sizes_are_checked_in_their_order() {
    let shop = Shop::open().await;
    let bearer = format!("Bearer {}", shop.customer);
    let auth = ("authorization", bearer.as_str());
    let json = ("content-type", "application/json");
    let key = |key| ("idempotency-key", key);
    let large = "x".repeat(64 * 1024 + 1);
    for (fields, body, status, code) in [
        (vec![json], "", 401, "token_missing"),
        (vec![auth, json], "", 400, "idempotency_key_required"),
        (vec![auth, key("")], "", 400, "idempotency_key_invalid"),
        (
            vec![auth, key("a"), key("b")],
            "",
            400,
            "idempotency_key_invalid",
        ),
        (vec![auth, key("a")], "{}", 415, "media_type_unsupported"),
        (
            vec![auth, key("a"), json],
            large.as_str(),
            413,
            "body_too_large",
        ),
        (vec![auth, key("a"), json], "{", 400, "body_invalid"),
    ] {
        let answer = shop.send(request("POST", "/orders", &fields, body)).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{fields:?}"
        );
        assert_eq!(answer.field("error-code"), code);
        assert_eq!(answer.field("content-type"), "application/problem+json");
    }
}

#[tokio::test]
async fn one_key_sent_many_times_at_once_makes_one_order() {
    let shop = Shop::open().await;
    let products = shop.plenty().await;
    let new = order(&[(&products[0], 1)], "pm_card_visa");
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let (shop, new) = (shop.clone(), new.clone());
            tokio::spawn(async move { shop.order("k", &new).await })
        })
        .collect();
    let mut bodies = Vec::new();
    for task in tasks {
        let answer = task.await.unwrap();
        assert_eq!(answer.status, 201, "{answer:?}");
        bodies.push(answer.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
    assert_eq!(shop.count("select count(*) from orders").await, 1);
    assert_eq!(shop.provider.charges(), 1);
}

#[tokio::test]
async fn stock_is_never_sold_twice_and_crossed_orders_do_not_deadlock() {
    let shop = Shop::open().await;
    let products = shop.plenty().await;
    let (one, other) = (&products[0], &products[1]);
    let pair: Vec<uuid::Uuid> = [one, other]
        .map(|product| {
            let id: shared::id::ProductId = product["id"].as_str().unwrap().parse().unwrap();
            id.uuid()
        })
        .to_vec();
    sqlx::query("update inventory set available = 10 where product_id = any($1)")
        .bind(&pair)
        .execute(&shop.app.shop.pool)
        .await
        .unwrap();
    let tasks: Vec<_> = (0..40)
        .map(|number| {
            let lines = if number % 2 == 0 {
                [(one, 1), (other, 1)]
            } else {
                [(other, 1), (one, 1)]
            };
            let (shop, new) = (shop.clone(), order(&lines, "pm_card_visa"));
            tokio::spawn(async move { shop.order(&format!("k{number}"), &new).await })
        })
        .collect();
    let mut statuses = Vec::new();
    for task in tasks {
        statuses.push(task.await.unwrap().status);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 10);
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 30);
    assert_eq!(shop.count("select sum(sold) from inventory").await, 20);
    assert_eq!(shop.provider.charges(), 10);
}

#[tokio::test]
async fn orders_belong_to_their_customer() {
    let shop = Shop::open().await;
    let products = shop.plenty().await;
    for (number, product) in products.iter().enumerate().take(5) {
        let new = order(&[(product, 1)], "pm_card_visa");
        assert_eq!(shop.order(&format!("k{number}"), &new).await.status, 201);
        shop.clock.advance_ms(1);
    }
    let bearer = format!("Bearer {}", shop.customer);
    let auth = ("authorization", bearer.as_str());
    let mut path = "/orders?limit=2".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = shop.get(&path, &[auth]).await;
        assert_eq!(page.field("cache-control"), "private, no-store");
        let page = page.json();
        seen.extend(
            page["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|order| order["id"].clone()),
        );
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/orders?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    seen.dedup();
    assert_eq!(seen.len(), 5);
    let admin = format!("Bearer {}", shop.admin);
    let last = format!("/orders/{}", seen[0].as_str().unwrap());
    assert_eq!(
        shop.get(&last, &[("authorization", &admin)]).await.status,
        200
    );
    // A cursor is the caller's own.
    let stolen = shop.get(&path, &[("authorization", &admin)]).await;
    assert_eq!(stolen.code(), "cursor_mismatch");
    let nobody = shop.get(&last, &[]).await;
    assert_eq!(nobody.status, 401);
    let unknown = shop
        .get("/orders/ord_00000000000000000000000000", &[auth])
        .await;
    assert_eq!(
        (unknown.status, unknown.code().as_str()),
        (404, "not_found")
    );
}
