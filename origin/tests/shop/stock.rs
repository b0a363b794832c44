//! A class of stock that is crossed is told, whoever crosses it; a count is not.

use origin::store::product;
use serde_json::{Value, json};
use shared::id::ProductId;
use shared::product::{Availability, LowStock};
use uuid::Uuid;

use crate::callers::{JSON, MERGE, path};
use crate::harness::{Shop, order};
use crate::products::mug;

fn id(product: &Value) -> ProductId {
    product["id"].as_str().unwrap().parse().unwrap()
}

impl Shop {
    /// A product of which there are so many.
    async fn stocked(&self, stock: i64) -> Value {
        let mut new = mug("MUG-1");
        new["stock"] = stock.into();
        let made = self
            .write("POST", "/products", &[JSON], &new.to_string())
            .await;
        assert_eq!(made.status, 201, "{made:?}");
        made.json()
    }

    /// What was told of the product since the last time: `updated low`, `low 10`.
    async fn heard(&self, product: &Value, since: &mut i64) -> Vec<String> {
        let rows: Vec<(i64, String, Value)> = sqlx::query_as(
            "select seq, type, payload from outbox where aggregate_id = $1 and seq > $2 order by seq",
        )
        .bind(id(product).uuid())
        .bind(*since)
        .fetch_all(&self.app.shop.pool)
        .await
        .unwrap();
        let mut heard = Vec::new();
        for (seq, kind, payload) in rows {
            *since = seq;
            if kind == "inventory.low" {
                let low: LowStock = serde_json::from_value(payload).unwrap();
                assert_eq!((low.object.as_str(), low.id), ("inventory", id(product)));
                assert_eq!(low.availability, Availability::of(low.available));
                heard.push(format!("low {}", low.available));
            } else {
                let class = payload["availability"].as_str().unwrap();
                heard.push(format!("{} {class}", kind.trim_start_matches("product.")));
            }
        }
        heard
    }

    async fn buys(&self, product: &Value, units: i64, method: &str) -> Value {
        let key = format!("k{}", self.count("select count(*) from orders").await);
        let placed = self.order(&key, &order(&[(product, units)], method)).await;
        placed.json()
    }

    async fn cancels(&self, order: &Value) {
        let path = format!("{}/status", path(order));
        let body = r#"{"status":"cancelled"}"#;
        let answer = self.ask(&self.customer, "PUT", &path, &[JSON], body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

#[tokio::test]
async fn orders_and_cancellations_tell_of_the_classes_that_they_cross() {
    let shop = Shop::open().await;
    let product = shop.stocked(13).await;
    let mut since = 0;
    let heard = shop.heard(&product, &mut since).await;
    assert_eq!(heard, ["created in_stock"]);
    let mut orders = Vec::new();
    for (units, expected) in [
        (2, &[][..]),
        (1, &["updated low", "low 10"]),
        (9, &[]),
        (1, &["updated out", "low 0"]),
    ] {
        orders.push(shop.buys(&product, units, "pm_card_visa").await);
        assert_eq!(
            shop.heard(&product, &mut since).await,
            expected,
            "bought {units}"
        );
    }
    for expected in [&["updated low"][..], &[], &["updated in_stock"], &[]] {
        let last = orders.pop().unwrap();
        shop.cancels(&last).await;
        assert_eq!(shop.heard(&product, &mut since).await, expected, "{last}");
    }
    // Declined: reserved, and given back.
    shop.buys(&product, 13, "declines").await;
    let expected = ["updated out", "low 0", "updated in_stock"];
    assert_eq!(shop.heard(&product, &mut since).await, expected);
    shop.buys(&product, 2, "declines").await;
    assert_eq!(shop.heard(&product, &mut since).await, [""; 0]);
}

#[tokio::test]
async fn several_products_of_an_order_are_told_each_for_itself() {
    let shop = Shop::open().await;
    let first = shop.stocked(11).await;
    let mut others = shop.plenty().await;
    others.retain(|other| other["id"] != first["id"]);
    let few = id(&others[1]);
    sqlx::query("update inventory set available = 3 where product_id = $1")
        .bind(few.uuid())
        .execute(&shop.app.shop.pool)
        .await
        .unwrap();
    let mut since = shop.count("select max(seq) from outbox").await;
    let (mut of_few, mut of_other) = (since, since);
    let new = order(
        &[(&others[1], 3), (&first, 1), (&others[0], 1)],
        "pm_card_visa",
    );
    let placed = shop.order("k", &new).await;
    assert_eq!(placed.status, 201, "{placed:?}");
    assert_eq!(
        shop.heard(&first, &mut since).await,
        ["updated low", "low 10"]
    );
    assert_eq!(
        shop.heard(&others[1], &mut of_few).await,
        ["updated out", "low 0"]
    );
    assert_eq!(shop.heard(&others[0], &mut of_other).await, [""; 0]);
    let events = shop.count("select count(distinct id) from outbox").await;
    shop.cancels(&placed.json()).await;
    assert_eq!(shop.heard(&first, &mut since).await, ["updated in_stock"]);
    assert_eq!(shop.heard(&others[1], &mut of_few).await, ["updated low"]);
    assert_eq!(
        shop.count("select count(distinct id) from outbox").await,
        events + 3
    );
}

#[tokio::test]
async fn a_change_of_the_stock_tells_that_little_is_left() {
    let shop = Shop::open().await;
    let product = shop.stocked(40).await;
    let path = format!("/products/{}", id(&product));
    let mut since = 0;
    shop.heard(&product, &mut since).await;
    for (stock, expected) in [
        (11, &["updated in_stock"][..]),
        (5, &["updated low", "low 5"]),
        (6, &["updated low"]),
        (0, &["updated out", "low 0"]),
        (1, &["updated low"]),
        (40, &["updated in_stock"]),
    ] {
        let body = json!({"stock": stock}).to_string();
        let answer = shop
            .write("PATCH", &path, &[MERGE, ("if-match", "*")], &body)
            .await;
        assert_eq!(answer.status, 200);
        assert_eq!(shop.heard(&product, &mut since).await, expected, "{stock}");
    }
}

#[tokio::test]
async fn what_is_told_is_the_product_as_it_is_behind_the_lock() {
    let shop = Shop::open().await;
    let product = shop.stocked(11).await;
    let pool = shop.app.shop.pool.clone();
    let mut change = pool.begin().await.unwrap();
    let before = product::lock(&mut change, id(&product))
        .await
        .unwrap()
        .unwrap();
    let mut after = before.product.clone();
    after.version += 1;
    "Renamed".clone_into(&mut after.name);
    let now = shop.app.shop.platform.now();
    product::update(&mut change, &after, 11, now).await.unwrap();
    let buyer = {
        let (shop, product) = (shop.clone(), product.clone());
        tokio::spawn(async move { shop.buys(&product, 1, "pm_card_visa").await })
    };
    let waiting = "select count(*) from pg_stat_activity
                   where datname = current_database() and wait_event_type = 'Lock'";
    while shop.count(waiting).await == 0 {}
    change.commit().await.unwrap();
    assert_eq!(buyer.await.unwrap()["status"], "confirmed");
    let told: Value = sqlx::query_scalar(
        "select payload from outbox where type = 'product.updated' and aggregate_id = $1",
    )
    .bind(id(&product).uuid())
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(told["name"], "Renamed");
    let shown = shop.get(&format!("/products/{}", id(&product)), &[]).await;
    assert_eq!(told, shown.json());
}

#[tokio::test]
async fn a_deleted_product_is_not_told_of() {
    let shop = Shop::open().await;
    let product = shop.stocked(11).await;
    let bought = shop.buys(&product, 1, "pm_card_visa").await;
    let path = format!("/products/{}", id(&product));
    let gone = shop.write("DELETE", &path, &[("if-match", "*")], "").await;
    assert_eq!(gone.status, 204);
    let mut since = 0;
    shop.heard(&product, &mut since).await;
    shop.cancels(&bought).await;
    assert_eq!(shop.heard(&product, &mut since).await, [""; 0]);
}

#[tokio::test]
async fn the_database_shows_products_as_the_api_does() {
    let shop = Shop::open().await;
    shop.stocked(40).await;
    let list = shop.get("/products?limit=100", &[]).await.json();
    let shown: Vec<Value> = sqlx::query_scalar(
        "select shown_product(products, available) from products join inventory on product_id = id
         order by created_at desc, id desc limit 100",
    )
    .fetch_all(&shop.app.shop.pool)
    .await
    .unwrap();
    assert_eq!(json!(shown), list["data"]);
    for available in [-1, 0, 1, 9, 10, 11, 12, 1_000_000_000] {
        let class: String = sqlx::query_scalar("select stock_class($1)")
            .bind(available)
            .fetch_one(&shop.app.shop.pool)
            .await
            .unwrap();
        assert_eq!(
            json!(Availability::of(available.into())),
            class,
            "{available}"
        );
    }
    for bits in [0, 1, u128::MAX, 0x0110_c853_1d09_52d8_d73e_1194_e95b_5f19] {
        let text: String = sqlx::query_scalar("select type_id('prd', $1)")
            .bind(Uuid::from_u128(bits))
            .fetch_one(&shop.app.shop.pool)
            .await
            .unwrap();
        assert_eq!(
            text,
            ProductId::from_uuid(Uuid::from_u128(bits)).to_string()
        );
    }
}
