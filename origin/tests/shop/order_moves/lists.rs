//! Lists of orders: by status, and from indexes.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use origin::store::order::{self as store, Filter, Viewer};
use serde_json::Value;
use shared::caller::Role;
use shared::order::OrderStatus;

use super::CANCEL;
use crate::callers::{JSON, path};
use crate::harness::{Shop, principal};

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

/// Kind, and index or table, of each node of a plan.
fn nodes(plan: &Value, found: &mut Vec<String>) {
    let text = |member: &str| plan[member].as_str().unwrap_or_default();
    let of = format!("{}{}", text("Index Name"), text("Relation Name"));
    found.push(format!("{} {of}", text("Node Type")));
    for below in plan["Plans"].as_array().into_iter().flatten() {
        nodes(below, found);
    }
}

/// Two hundred customers with a hundred orders each, of the kind of the one that is there.
async fn fill(shop: &Shop) {
    for statement in [
        "insert into orders (id, status, customer_id, mode, total_amount, currency,
             shipping_address, created_at, updated_at)
         select gen_random_uuid(), case number % 3 when 0 then 'cancelled' else 'confirmed' end,
             case number % 200 when 0 then customer_id else 'usr_' || number % 200 end, mode,
             total_amount, currency, shipping_address, created_at - number * interval '1 second',
             updated_at
         from orders, generate_series(1, 20000) number",
        "insert into payments (id, order_id, attempt, status, method, amount, currency,
             provider_key, reference, created_at, updated_at)
         select gen_random_uuid(), id, 1, 'succeeded', 'pm_card_visa', total_amount, currency,
             id::text, id::text, created_at, updated_at
         from orders where not exists (select 1 from payments where order_id = orders.id)",
        "insert into order_items (order_id, product_id, sku, name, quantity, unit_amount, currency)
         select orders.id, product_id, sku, name, quantity, unit_amount, order_items.currency
         from orders, order_items on conflict do nothing",
        "vacuum analyze orders, payments, order_items",
    ] {
        sqlx::query(statement)
            .execute(&shop.app.shop.pool)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn lists_are_read_from_indexes() {
    let shop = Shop::open().await;
    let pool = &shop.app.shop.pool;
    shop.confirmed("k").await;
    fill(&shop).await;
    let ada = principal(&origin::seed::customer().to_string(), Role::Customer);
    let admin = principal(&origin::seed::admin().to_string(), Role::Admin);
    let list = |customer, status| Filter {
        customer,
        status,
        place: None,
        limit: 10,
    };
    let cancelled = Some(OrderStatus::Cancelled);
    let account = Some(ada.account.as_str());
    for (who, filter, index) in [
        (&ada, list(None, None), "orders_customer_newest"),
        (&ada, list(None, cancelled), "orders_customer_newest"),
        (&ada, list(account, None), "orders_customer_newest"),
        (&admin, list(account, None), "orders_customer_newest"),
        (&admin, list(account, cancelled), "orders_customer_newest"),
        (&admin, list(None, None), "orders_newest"),
        (&admin, list(None, cancelled), "orders_newest"),
    ] {
        let viewer = Viewer::of(who);
        let at = |place| Filter { place, ..filter };
        let first = store::list(pool, viewer, filter).await.unwrap();
        let second = store::list(pool, viewer, at(first.next)).await.unwrap();
        assert_eq!(second.rows.len(), 10);
        // Also from the middle on, in both directions.
        for place in [None, second.next, second.previous] {
            let plan = store::plan(pool, viewer, at(place)).await.unwrap();
            let mut found = Vec::new();
            nodes(&plan[0]["Plan"], &mut found);
            let said = format!("{:?} {filter:?} {place:?}\n{found:?}", who.role);
            // Few rows before a page may also be collected by a bitmap of the same index.
            assert!(found.iter().any(|node| node.contains(index)), "{said}");
            assert!(
                found.iter().all(|node| !node.contains("Seq Scan")),
                "{said}"
            );
        }
    }
}

/// Places orders and hides them again until told to end; answers how many.
async fn write(shop: Shop, writer: usize, done: Arc<AtomicBool>) -> usize {
    let mut number = 0;
    while !done.load(Ordering::SeqCst) {
        let placed = shop.confirmed(&format!("w{writer}-{number}")).await;
        // An even one is cancelled and hidden again.
        if number % 2 == 0 {
            let etag = format!("\"{}\"", placed["version"]);
            let fields = [("if-match", etag.as_str())];
            let gone = shop
                .ask(&shop.customer, "DELETE", &path(&placed), &fields, "")
                .await;
            assert_eq!(gone.status, 204, "{gone:?}");
        }
        shop.clock.advance_ms(1);
        number += 1;
    }
    number
}

/// The ids of every page, from the newest order to the oldest.
async fn walk(shop: &Shop, token: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut next = String::new();
    loop {
        let page = shop
            .ask(token, "GET", &format!("/orders?limit=100{next}"), &[], "")
            .await;
        assert_eq!(page.status, 200, "{page:?}");
        let page = page.json();
        let rows = page["data"].as_array().unwrap();
        ids.extend(
            rows.iter()
                .map(|row| row["id"].as_str().unwrap().to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => return ids,
        }
    }
}

#[tokio::test]
async fn no_order_comes_twice_or_is_skipped_while_four_write() {
    let shop = Shop::open().await;
    shop.confirmed("k").await;
    fill(&shop).await;
    let lasting: HashSet<String> = walk(&shop, &shop.admin).await.into_iter().collect();
    assert_eq!(lasting.len(), 20_001);
    let done = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..4)
        .map(|writer| tokio::spawn(write(shop.clone(), writer, done.clone())))
        .collect();
    for token in [&shop.admin, &shop.customer, &shop.admin] {
        let seen = walk(&shop, token).await;
        let distinct: HashSet<String> = seen.iter().cloned().collect();
        assert_eq!(distinct.len(), seen.len(), "an order came twice");
        if *token == shop.admin {
            assert_eq!(
                lasting.difference(&distinct).count(),
                0,
                "orders were skipped"
            );
        }
    }
    done.store(true, Ordering::SeqCst);
    for writer in writers {
        assert!(writer.await.unwrap() > 5);
    }
}
