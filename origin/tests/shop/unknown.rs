//! Payments whose outcome nobody knows and whose clients are gone: the completer settles them, the
//! sweeper gives their stock back, and what is paid after that takes it anew or goes back.

use origin::order::complete::Completer;
use serde_json::Value;
use sqlx::AssertSqlSafe;

use crate::callers::path;
use crate::harness::{Answer, RESERVATION_SECONDS, Shop, order};
use crate::provider::Fault;

/// Beyond every pause of the completer's.
const LONG_PAUSE_MS: i64 = 60_000;
/// Beyond the time that charges under way are given to end.
const GRACE_MS: i64 = 61_000;

impl Shop {
    /// An order of two units whose client was told that nobody knows, and what it sent.
    async fn uncertain(&self, faults: impl IntoIterator<Item = Fault>, method: &str) -> Value {
        let products = self.plenty().await;
        let new = order(&[(&products[0], 2)], method);
        self.provider.breaks(faults);
        let answer = self.order("k", &new).await;
        assert_eq!(answer.code(), "operation_uncertain");
        new
    }

    /// Lets the reservation run out and the stock go back.
    async fn swept(&self) {
        self.clock
            .advance_ms(i64::from(RESERVATION_SECONDS) * 1_000 - 1);
        assert_eq!(self.app.sweeper.step().await.unwrap(), 0);
        self.clock.advance_ms(1);
        assert_eq!(self.app.sweeper.step().await.unwrap(), 1);
        assert_eq!(self.app.sweeper.step().await.unwrap(), 0);
    }

    async fn complete(&self) -> usize {
        self.app.completer.step().await.unwrap()
    }

    async fn status(&self, table: &str) -> String {
        sqlx::query_scalar(AssertSqlSafe(format!("select status from {table}")))
            .fetch_one(&self.app.shop.pool)
            .await
            .unwrap()
    }

    /// Available, reserved and sold, of all products.
    async fn stock(&self) -> (i64, i64, i64) {
        sqlx::query_as("select sum(available), sum(reserved), sum(sold) from inventory")
            .fetch_one(&self.app.shop.pool)
            .await
            .unwrap()
    }

    /// The answer to the client's retry, which is the same each time.
    async fn retried(&self, new: &Value) -> Answer {
        let (first, again) = (self.order("k", new).await, self.order("k", new).await);
        assert_eq!((first.status, &first.body), (again.status, &again.body));
        assert_eq!(again.field("idempotent-replayed"), "true");
        assert_eq!(again.field("headgate-committed"), "true");
        first
    }
}

#[tokio::test]
async fn the_completer_settles_what_its_client_left_with_one_charge() {
    for (faults, method, status, order_status) in [
        (vec![Fault::RequestLost], "pm_card_visa", 201, "confirmed"),
        (
            vec![Fault::ReplyLost, Fault::LookUpLost],
            "pm_card_visa",
            201,
            "confirmed",
        ),
        (
            vec![Fault::ReplyLost, Fault::LookUpLost],
            "declines",
            402,
            "payment_failed",
        ),
    ] {
        let shop = Shop::open().await;
        let (available, ..) = shop.stock().await;
        let new = shop.uncertain(faults, method).await;
        assert_eq!(shop.complete().await, 1);
        assert_eq!(shop.complete().await, 0);
        assert_eq!(shop.status("orders").await, order_status);
        assert_eq!(shop.provider.charges(), 1);
        let sold = if status == 201 { 2 } else { 0 };
        assert_eq!(shop.stock().await, (available - sold, 0, sold));
        let answer = shop.retried(&new).await;
        assert_eq!(answer.status, status);
        // A problem names the path that its client sent, although nobody was there to be answered.
        if status == 402 {
            assert_eq!(answer.json()["instance"], "/v2/orders");
        }
        let told = shop
            .count("select count(*) from outbox where traceparent is null")
            .await;
        assert_eq!(told, 2);
    }
}

#[tokio::test]
async fn who_works_on_an_order_is_left_alone() {
    let shop = Shop::open().await;
    let products = shop.plenty().await;
    let new = order(&[(&products[0], 1)], "pm_card_visa");
    shop.provider.breaks([Fault::Held]);
    let client = {
        let (shop, new) = (shop.clone(), new.clone());
        tokio::spawn(async move { shop.order("k", &new).await })
    };
    shop.provider.held.notified().await;
    assert_eq!(shop.complete().await, 0);
    shop.provider.go.notify_one();
    let answer = client.await.unwrap();
    assert_eq!(
        (answer.status, answer.field("idempotent-replayed")),
        (201, "false")
    );
}

#[tokio::test]
async fn what_stays_unknown_is_put_off_but_not_for_its_client() {
    let shop = Shop::open().await;
    let faults = || [Fault::RequestLost, Fault::LookUpLost];
    let new = shop.uncertain(faults(), "pm_card_visa").await;
    shop.provider.breaks([Fault::LookUpLost]);
    assert_eq!(shop.complete().await, 1);
    assert_eq!(shop.status("orders").await, "processing");
    let due = "select count(*) from idempotency_keys where retry_at is not null and tries = 1";
    assert_eq!(shop.count(due).await, 1);
    assert_eq!(shop.order("k", &new).await.status, 201);

    let shop = Shop::open().await;
    shop.uncertain(faults(), "pm_card_visa").await;
    for _ in 0..20 {
        shop.provider.breaks([Fault::LookUpLost]);
        shop.clock.advance_ms(LONG_PAUSE_MS);
        assert_eq!(shop.complete().await, 1);
    }
    shop.clock.advance_ms(LONG_PAUSE_MS);
    assert_eq!(shop.complete().await, 1);
    assert_eq!(shop.status("orders").await, "confirmed");
    assert_eq!(shop.provider.charges(), 1);
}

#[tokio::test]
async fn an_overdue_reservation_is_given_back_and_its_order_stays_open() {
    let shop = Shop::open().await;
    let before = shop.stock().await;
    let new = shop.uncertain([Fault::RequestLost], "pm_card_visa").await;
    shop.swept().await;
    assert_eq!(shop.stock().await, before);
    assert_eq!(shop.status("orders").await, "processing");
    assert_eq!(shop.status("payments").await, "processing");
    assert_eq!(shop.status("reservations").await, "expired");
    // A charge may still be under way: nobody asks yet, and nobody is told that it failed.
    assert_eq!(shop.complete().await, 0);
    let asked = shop.order("k", &new).await;
    assert_eq!(asked.code(), "idempotency_in_progress");
    assert_eq!(asked.json()["outcome"], "unknown");
}

#[tokio::test]
async fn what_was_never_charged_fails_and_is_not_charged_any_more() {
    let shop = Shop::open().await;
    let before = shop.stock().await;
    let new = shop.uncertain([Fault::RequestLost], "pm_card_visa").await;
    shop.swept().await;
    shop.clock.advance_ms(GRACE_MS);
    assert_eq!(shop.complete().await, 1);
    assert_eq!(shop.status("orders").await, "payment_failed");
    assert_eq!(shop.status("payments").await, "declined");
    assert_eq!(shop.status("reservations").await, "returned");
    let answer = shop.retried(&new).await;
    assert_eq!(answer.code(), "payment_declined");
    let problem = answer.json();
    assert_eq!(problem["error"]["decline_code"], "reservation_expired");
    assert_eq!(
        (&problem["outcome"], problem["charge"].is_null()),
        (&"applied".into(), true)
    );
    assert_eq!(shop.provider.charges(), 0);
    assert_eq!(shop.stock().await, before);
    let told = "select count(*) from outbox where type = 'payment.failed'";
    assert_eq!(shop.count(told).await, 1);
}

#[tokio::test]
async fn paid_late_takes_the_stock_anew() {
    let shop = Shop::open().await;
    let (available, ..) = shop.stock().await;
    let faults = [Fault::ReplyLost, Fault::LookUpLost];
    let new = shop.uncertain(faults, "pm_card_visa").await;
    shop.swept().await;
    shop.clock.advance_ms(GRACE_MS);
    assert_eq!(shop.complete().await, 1);
    assert_eq!(shop.stock().await, (available - 2, 0, 2));
    assert_eq!(shop.status("reservations").await, "sold");
    let answer = shop.retried(&new).await;
    assert_eq!(
        (answer.status, &answer.json()["status"]),
        (201, &"confirmed".into())
    );
    let bearer = format!("Bearer {}", shop.customer);
    let read = shop
        .get(&path(&answer.json()), &[("authorization", &bearer)])
        .await;
    assert_eq!(read.json(), answer.json());
}

#[tokio::test]
async fn paid_late_and_sold_out_is_cancelled_and_paid_back() {
    let shop = Shop::open().await;
    let faults = [Fault::ReplyLost, Fault::LookUpLost];
    let new = shop.uncertain(faults, "pm_card_visa").await;
    shop.swept().await;
    sqlx::query("update inventory set available = 1")
        .execute(&shop.app.shop.pool)
        .await
        .unwrap();
    let before = shop.stock().await;
    shop.clock.advance_ms(GRACE_MS);
    assert_eq!(shop.complete().await, 1);
    assert_eq!(shop.status("orders").await, "cancelled");
    assert_eq!(shop.status("payments").await, "refund_pending");
    let answer = shop.retried(&new).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (409, "out_of_stock")
    );
    let problem = answer.json();
    assert_eq!(
        (&problem["outcome"], &problem["safe_new_key"]),
        (&"applied".into(), &true.into())
    );
    assert!(problem["order"].is_string() && problem["error"]["charge"].is_string());
    while shop.app.relay.step().await.unwrap() > 0 {}
    assert_eq!(shop.status("payments").await, "refunded");
    let amount = new["expected_total"]["amount"].as_i64().unwrap();
    let refunds = shop.provider.refunds();
    assert_eq!(refunds.iter().map(|(_, units)| *units).sum::<i64>(), amount);
    assert_eq!(shop.stock().await, before);
    assert_eq!(shop.provider.charges(), 1);
}

#[tokio::test]
async fn a_charge_under_way_while_the_stock_goes_back_settles_late() {
    let shop = Shop::open().await;
    let (available, ..) = shop.stock().await;
    let products = shop.plenty().await;
    let new = order(&[(&products[0], 2)], "pm_card_visa");
    shop.provider.breaks([Fault::Held]);
    let client = {
        let (shop, new) = (shop.clone(), new.clone());
        tokio::spawn(async move { shop.order("k", &new).await })
    };
    shop.provider.held.notified().await;
    shop.swept().await;
    shop.provider.go.notify_one();
    let answer = client.await.unwrap();
    assert_eq!(
        (answer.status, answer.field("idempotent-replayed")),
        (201, "false")
    );
    assert_eq!(shop.stock().await, (available - 2, 0, 2));
    assert_eq!(shop.retried(&new).await.body, answer.body);
}

#[tokio::test]
async fn what_is_settled_is_not_swept() {
    let shop = Shop::open().await;
    shop.confirmed("k").await;
    let before = shop.stock().await;
    shop.clock
        .advance_ms(i64::from(RESERVATION_SECONDS) * 2_000);
    assert_eq!(shop.app.sweeper.step().await.unwrap(), 0);
    let order: uuid::Uuid = sqlx::query_scalar("select id from orders")
        .fetch_one(&shop.app.shop.pool)
        .await
        .unwrap();
    // Nor if it is settled between the sweeper's look and its hand.
    let (token, until) = (uuid::Uuid::nil(), shop.app.shop.platform.now());
    let order = shared::id::OrderId::from_uuid(order);
    let event_ids = shop.app.shop.platform.stock_event_ids(1);
    let told = origin::store::order::StockTold {
        event_ids: &event_ids,
        traceparent: None,
        now: shop.app.shop.platform.now(),
    };
    let pool = &shop.app.shop.pool;
    let swept = origin::store::order::open::sweep(pool, order, token, until, &told).await;
    assert!(!swept.unwrap());
    assert_eq!(shop.stock().await, before);
}

#[tokio::test]
async fn a_lost_primary_charges_no_second_time() {
    let shop = Shop::open().await;
    let faults = [Fault::ReplyLost, Fault::LookUpLost];
    let new = shop.uncertain(faults, "pm_card_visa").await;
    // A standby took over that had not got T1 yet.
    sqlx::raw_sql(
        "update inventory set available = available + reserved, reserved = 0;
         truncate idempotency_keys, refunds, payments, reservations, order_items, orders,
                  deliveries, outbox",
    )
    .execute(&shop.app.shop.pool)
    .await
    .unwrap();
    assert_eq!(shop.order("k", &new).await.status, 201);
    assert_eq!(shop.provider.charges(), 1);
}

#[tokio::test]
async fn what_a_completer_had_under_way_is_given_back_at_its_end() {
    let shop = Shop::open().await;
    let products = shop.plenty().await;
    let new = order(&[(&products[0], 1)], "pm_card_visa");
    let faults = [Fault::RequestLost, Fault::LookUpLost, Fault::Held];
    shop.provider.breaks(faults);
    assert_eq!(shop.order("k", &new).await.status, 409);
    let app = shop.app.clone();
    let cut = tokio::spawn(async move { app.completer.step().await });
    shop.provider.held.notified().await;
    cut.abort();
    assert!(cut.await.unwrap_err().is_cancelled());
    let other = Completer::new(shop.app.shop.clone());
    assert_eq!(other.step().await.unwrap(), 0, "it is leased");
    shop.app.completer.leave().await;
    assert_eq!(other.step().await.unwrap(), 1);
    assert_eq!(shop.order("k", &new).await.status, 201);
    assert_eq!(shop.provider.charges(), 1);
}

#[tokio::test]
async fn who_works_behind_the_api_takes_none_of_its_connections() {
    let shop = Shop::open().await;
    let pool = &shop.app.shop.pool;
    let mut taken = Vec::new();
    for _ in 0..pool.options().get_max_connections() {
        taken.push(pool.acquire().await.unwrap());
    }
    assert!(pool.try_acquire().is_none());
    assert_eq!(shop.app.completer.step().await.unwrap(), 0);
    assert_eq!(shop.app.sweeper.step().await.unwrap(), 0);
    assert_eq!(shop.app.strays.step().await.unwrap(), 0);
}
