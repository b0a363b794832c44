//! What the consumers make of events in this database: sums by day, and what is running out. Each
//! event counts once.

use std::sync::Arc;

use origin::events::Consumer;
use origin::events::analytics::Analytics;
use origin::seed;
use origin::store::analytics;
use serde_json::{Value, json};
use shared::caller::{Mode, Principal, Role};

use crate::harness::{Shop, order, principal};

const DAY_MS: i64 = 24 * 3_600_000;

impl Shop {
    /// What an admin reads there, however far the clock has gone.
    async fn read_as_admin(&self, path: &str) -> Value {
        let admin = self.token(&seed::admin().to_string(), Role::Admin).await;
        let answer = self.ask(&admin, "GET", path, &[], "").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    async fn days(&self, query: &str) -> Vec<Value> {
        let list = self
            .read_as_admin(&format!("/admin/analytics/daily{query}"))
            .await;
        list["data"].as_array().unwrap().clone()
    }
}

/// Two paid orders, one of which is cancelled (and so paid back), and one that is not paid; a day later
/// one more.
async fn two_days() -> (Shop, i64) {
    let shop = Shop::open().await;
    let products = shop.plenty().await;
    let one = [(&products[0], 1)];
    let price = products[0]["price"]["amount"].as_i64().unwrap();
    let mut last = Value::Null;
    for (key, method) in [
        ("a", "pm_card_visa"),
        ("b", "declines"),
        ("c", "pm_card_visa"),
    ] {
        last = shop.order(key, &order(&one, method)).await.json();
    }
    let status = format!("/orders/{}/status", last["id"].as_str().unwrap());
    let json = [("content-type", "application/json")];
    let cancelled = shop
        .ask(
            &shop.customer,
            "PUT",
            &status,
            &json,
            r#"{"status":"cancelled"}"#,
        )
        .await;
    assert_eq!(cancelled.status, 200, "{cancelled:?}");
    shop.carry().await;
    shop.carry().await;
    shop.clock.advance_ms(DAY_MS);
    let customer = shop
        .token(&seed::customer().to_string(), Role::Customer)
        .await;
    let shop = Shop { customer, ..shop };
    shop.order("d", &order(&one, "pm_card_visa")).await;
    shop.carry().await;
    (shop, price)
}

#[tokio::test]
async fn what_became_of_orders_is_counted_by_day() {
    let (shop, price) = two_days().await;
    let usd = |amount: i64| json!([{"amount": amount, "currency": "USD"}]);
    let expected = [
        json!({"object": "analytics_day", "date": "2027-01-16", "orders": 1, "revenue": usd(price),
            "cancelled": 0, "refunded": 0, "refunds": [], "product_views": 0, "conversion": null}),
        json!({"object": "analytics_day", "date": "2027-01-15", "orders": 2,
            "revenue": usd(2 * price), "cancelled": 1, "refunded": 1, "refunds": usd(price),
            "product_views": 0, "conversion": null}),
    ];
    assert_eq!(shop.days("").await, expected);
    assert_eq!(shop.days("?from=2027-01-16").await, expected[..1]);
    assert_eq!(shop.days("?to=2027-01-15").await, expected[1..]);
    assert!(shop.days("?from=2027-01-17").await.is_empty());
    let page = shop.read_as_admin("/admin/analytics/daily?limit=1").await;
    let cursor = page["next_cursor"].as_str().unwrap();
    let next = shop.days(&format!("?limit=1&cursor={cursor}")).await;
    assert_eq!((&page["data"][0], &next[0]), (&expected[0], &expected[1]));

    let pool = &shop.app.shop.pool;
    let day = "2027-01-15".parse().unwrap();
    for views in [30, 10] {
        analytics::view(pool, day, views).await.unwrap();
    }
    let day = &shop.days("?to=2027-01-15").await[0];
    assert_eq!(
        (&day["product_views"], &day["conversion"]),
        (&json!(40), &json!(0.05))
    );
    for query in [
        "?from=15.1.2027",
        "?to=2027-02-30",
        "?from=27-1-15",
        "?limit=0",
    ] {
        let path = format!("/admin/analytics/daily{query}");
        let admin = shop.token(&seed::admin().to_string(), Role::Admin).await;
        let refused = shop.ask(&admin, "GET", &path, &[], "").await;
        assert_eq!(refused.code(), "request_invalid", "{query}");
    }
}

#[tokio::test]
async fn what_is_placed_in_test_mode_does_not_count() {
    let (shop, _) = two_days().await;
    let before = shop.days("").await;
    let customer = principal(&seed::customer().to_string(), Role::Customer);
    let customer = Principal {
        mode: Mode::Test,
        ..customer
    };
    let customer = shop.token_of(&customer).await;
    let testing = Shop {
        customer,
        ..shop.clone()
    };
    let products = shop.plenty().await;
    let wish = order(&[(&products[0], 1)], "pm_card_visa");
    let placed = testing.order("t", &wish).await;
    assert_eq!(placed.status, 201, "{placed:?}");
    shop.carry().await;
    assert_eq!(
        shop.count("select count(*) from orders where mode = 'test' and status = 'confirmed'")
            .await,
        1
    );
    assert_eq!(shop.days("").await, before);
    let pool = &shop.app.shop.pool;
    analytics::rebuild(pool).await.unwrap();
    assert_eq!(shop.days("").await, before);
}

#[tokio::test]
async fn sums_that_were_lost_are_made_anew_from_the_log() {
    let (shop, _) = two_days().await;
    let pool = &shop.app.shop.pool;
    let before = shop.days("").await;
    for damage in [
        "delete from analytics_daily",
        "update analytics_daily set orders = 99, revenue = 1",
        "select 1",
    ] {
        sqlx::query(damage).execute(pool).await.unwrap();
        let first = analytics::rebuild(pool).await.unwrap();
        assert_eq!(first.unwrap().to_string(), "2027-01-15", "{damage}");
        assert_eq!(shop.days("").await, before, "{damage}");
    }
    // Of days that the log no longer holds, the sums stay. What nobody has counted yet is counted by
    // the consumer, not here.
    sqlx::query("delete from outbox where created_at < '2027-01-16'")
        .execute(pool)
        .await
        .unwrap();
    sqlx::query("delete from inbox where consumer = 'analytics'")
        .execute(pool)
        .await
        .unwrap();
    let first = analytics::rebuild(pool).await.unwrap();
    assert_eq!(first.unwrap().to_string(), "2027-01-16");
    assert_eq!(shop.days("").await, before[1..]);
}

#[tokio::test]
async fn an_event_that_is_delivered_again_counts_once() {
    let (shop, _) = two_days().await;
    let before = shop.days("").await;
    // A subscription that is moved back, as for a replay, and two workers at once.
    sqlx::query("update subscriptions set tick_id = (select min(id) from ticks)")
        .execute(&shop.app.shop.pool)
        .await
        .unwrap();
    shop.app.relay.leave().await;
    let consumers: Vec<Arc<dyn Consumer>> = vec![Arc::new(Analytics)];
    let other = origin::events::relay::Relay::new(
        shop.app.shop.pool.clone(),
        crate::harness::platform(&shop.clock),
        Arc::default(),
        consumers,
    );
    while shop.app.relay.step().await.unwrap() + other.step().await.unwrap() > 0 {}
    assert_eq!(shop.days("").await, before);
}

#[tokio::test]
async fn what_is_running_out_is_listed_until_there_is_enough() {
    let shop = Shop::open().await;
    shop.carry().await;
    sqlx::query("delete from stock_notices")
        .execute(&shop.app.shop.pool)
        .await
        .unwrap();
    let (path, _) = shop.mug("MUG-1").await;
    let any = [("if-match", "*"), crate::callers::MERGE];
    let scarce = || shop.read_as_admin("/admin/inventory/low");
    let leave = |stock: i64| {
        let document = json!({"stock": stock}).to_string();
        let (shop, path) = (&shop, &path);
        async move {
            let changed = shop.write("PATCH", path, &any, &document).await;
            assert_eq!(changed.status, 200, "{changed:?}");
            shop.carry().await;
        }
    };
    assert_eq!(scarce().await["data"], json!([]));
    for (units, expected) in [(10, "low"), (0, "out"), (3, "low")] {
        leave(units).await;
        let data = scarce().await["data"].clone();
        assert_eq!(data.as_array().unwrap().len(), 1, "{data}");
        assert_eq!(data[0]["sku"], "MUG-1");
        assert_eq!(data[0]["availability"], expected, "{units}");
        assert_eq!(
            format!("/products/{}", data[0]["product_id"].as_str().unwrap()),
            path
        );
    }
    leave(11).await;
    assert_eq!(scarce().await["data"], json!([]));
    leave(1).await;
    assert_eq!(scarce().await["data"].as_array().unwrap().len(), 1);
    let gone = shop.write("DELETE", &path, &[("if-match", "*")], "").await;
    assert_eq!(gone.status, 204);
    shop.carry().await;
    assert_eq!(scarce().await["data"], json!([]));
}
