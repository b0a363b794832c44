//! What becomes of messages that fail.

use std::collections::HashSet;

use origin::events::alerts::Alerts;
use origin::sending::Claim;
use origin::store::dead_letters::{self, Filter};
use origin::store::webhook::sending;
use serde_json::json;

use super::path;
use crate::callers::MERGE;
use crate::harness::{BEGIN_MS, Shop, platform};
use crate::receiver::{Receiver, Reply};

#[tokio::test]
async fn what_fails_five_times_arrives_at_the_sixth() {
    let shop = Shop::open().await;
    let mut receiver = Receiver::open().await;
    receiver.answers("/a", vec![Reply::Status(500); 5]);
    let hook = shop
        .webhook(&receiver.url("/a"), &["order.confirmed"])
        .await;
    shop.confirmed("one").await;
    assert_eq!(shop.send_all().await, 1);
    for _ in 0..5 {
        let delivery = shop.delivery(&hook).await;
        assert_eq!(delivery["status"], "pending", "{delivery}");
        shop.wait_for_next_try(&hook).await;
        assert_eq!(shop.send_all().await, 1);
    }
    let delivery = shop.delivery(&hook).await;
    assert_eq!(delivery["status"], "delivered", "{delivery}");
    assert_eq!(delivery["next_try_at"], serde_json::Value::Null);
    let attempts = delivery["attempts"].as_array().unwrap();
    let statuses: Vec<_> = attempts
        .iter()
        .map(|attempt| attempt["status_code"].as_i64().unwrap())
        .collect();
    assert_eq!(statuses, [500, 500, 500, 500, 500, 204]);
    assert_eq!(attempts[0]["error"], "answered 500");
    let got = receiver.all();
    let ids: HashSet<_> = got.iter().map(|got| got.field("webhook-id")).collect();
    let bodies: HashSet<_> = got.iter().map(|got| &got.body).collect();
    assert_eq!((got.len(), ids.len(), bodies.len()), (6, 1, 1));
    assert_eq!(shop.send_all().await, 0, "that was the last time");
}

#[tokio::test]
async fn ten_tries_and_it_is_given_up() {
    let shop = Shop::open().await;
    let mut receiver = Receiver::open().await;
    receiver.answers("/a", vec![Reply::Status(503); 20]);
    let hook = shop
        .webhook(&receiver.url("/a"), &["order.confirmed"])
        .await;
    shop.confirmed("one").await;
    for tries in 1..=10 {
        assert_eq!(shop.send_all().await, 1, "{tries}");
        if tries < 10 {
            shop.wait_for_next_try(&hook).await;
        }
    }
    let delivery = shop.delivery(&hook).await;
    assert_eq!(delivery["status"], "dead", "{delivery}");
    assert_eq!(delivery["attempts"].as_array().unwrap().len(), 10);
    let letters = "select count(*) from dead_letters where reason = 'tries' and attempts = 10";
    assert_eq!(shop.count(letters).await, 1);
    shop.clock.advance_ms(7 * 24 * 3_600_000);
    assert_eq!(shop.send_all().await, 0);
    assert_eq!(receiver.all().len(), 10);
}

#[tokio::test]
async fn each_webhook_raises_an_alert_and_all_of_them_are_one_count() {
    let shop = Shop::open().await;
    let receiver = Receiver::open().await;
    receiver.answers("/a", [Reply::Status(410)]);
    receiver.answers("/b", [Reply::Status(410)]);
    let mut names = Vec::new();
    for place in ["/a", "/b"] {
        let hook = shop
            .webhook(&receiver.url(place), &["order.confirmed"])
            .await;
        names.push(format!(
            "dead_letters:webhook.{}",
            hook["id"].as_str().unwrap()
        ));
    }
    let count = r#"headgate_dead_letters{consumer="webhook"}"#;
    let text = shop.metrics().await;
    assert!(text.contains(&format!("{count} 0\n")), "{text}");
    shop.confirmed("one").await;
    assert_eq!(shop.send_all().await, 2);
    let pool = shop.app.shop.pool.clone();
    let bell = Alerts::new(pool.clone(), platform(&shop.clock), None);
    assert_eq!(bell.step().await.unwrap(), 2);
    assert_eq!(bell.step().await.unwrap(), 0, "told once");
    let raised = async || {
        let names = "select name from alerts where cleared_at is null order by name";
        let names = sqlx::query_scalar(names).fetch_all(&pool).await;
        names.unwrap() as Vec<String>
    };
    names.sort();
    assert_eq!(raised().await, names);
    let text = shop.metrics().await;
    assert!(text.contains(&format!("{count} 2\n")), "{text}");
    assert!(!text.contains("webhook.wh"), "{text}");
    assert!(
        !text.contains(r#"behind_seconds{consumer="webhook"#),
        "{text}"
    );
    let discard = "update dead_letters set status = 'discarded'";
    sqlx::query(discard).execute(&pool).await.unwrap();
    bell.step().await.unwrap();
    assert_eq!(raised().await, [""; 0]);
    let text = shop.metrics().await;
    assert!(text.contains(&format!("{count} 0\n")), "{text}");
}

#[tokio::test]
async fn nothing_is_sent_before_its_time() {
    let shop = Shop::open().await;
    let mut receiver = Receiver::open().await;
    let wait = Reply::Field(503, "retry-after", "7200".to_owned());
    receiver.answers("/a", [wait]);
    let hook = shop
        .webhook(&receiver.url("/a"), &["order.confirmed"])
        .await;
    shop.confirmed("one").await;
    assert_eq!(shop.send_all().await, 1);
    shop.clock.set(BEGIN_MS + 7_199_999);
    assert_eq!(shop.send_all().await, 0, "{}", shop.delivery(&hook).await);
    shop.clock.set(BEGIN_MS + 7_200_000);
    assert_eq!(shop.send_all().await, 1);
    assert_eq!(shop.delivery(&hook).await["status"], "delivered");
    assert_eq!(receiver.all().len(), 2);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let shop = Shop::open().await;
    let mut receiver = Receiver::open().await;
    for (status, place) in [(301, "/b"), (302, "/b"), (307, "/b"), (308, "/b")] {
        let reply = Reply::Field(status, "location", receiver.url(place));
        receiver.answers("/a", [reply]);
    }
    let hook = shop
        .webhook(&receiver.url("/a"), &["order.confirmed"])
        .await;
    shop.confirmed("one").await;
    for status in [301, 302, 307, 308] {
        assert_eq!(shop.send_all().await, 1);
        let delivery = shop.delivery(&hook).await;
        assert_eq!(delivery["status"], "pending");
        let attempts = delivery["attempts"].as_array().unwrap();
        let error = attempts.last().unwrap()["error"].as_str().unwrap();
        assert_eq!(error, format!("{status}: redirects are not followed"));
        shop.wait_for_next_try(&hook).await;
    }
    assert!(receiver.all().iter().all(|got| got.path == "/a"));
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_not_called_again_until_it_is_switched_on() {
    let shop = Shop::open().await;
    let mut receiver = Receiver::open().await;
    receiver.answers("/a", [Reply::Status(410)]);
    let hook = shop
        .webhook(&receiver.url("/a"), &["order.created", "order.confirmed"])
        .await;
    shop.confirmed("one").await;
    assert_eq!(shop.send_all().await, 1);
    let off = shop.write("GET", &path(&hook), &[], "").await.json();
    assert_eq!(
        (&off["enabled"], &off["gone"]),
        (&false.into(), &true.into())
    );
    shop.confirmed("two").await;
    assert_eq!(shop.send_all().await, 0);
    let statuses = |all: Vec<serde_json::Value>| {
        let mut all: Vec<_> = all
            .iter()
            .map(|one| one["status"].as_str().unwrap().to_owned())
            .collect();
        all.sort();
        all
    };
    // What waited still does; what came while it was off is not for it.
    assert_eq!(statuses(shop.deliveries(&hook).await), ["dead", "pending"]);
    let on = r#"{"enabled":true}"#;
    let on = shop.write("PATCH", &path(&hook), &[MERGE], on).await.json();
    assert_eq!((&on["enabled"], &on["gone"]), (&true.into(), &false.into()));
    assert_eq!(shop.send_all().await, 1);
    assert_eq!(
        statuses(shop.deliveries(&hook).await),
        ["dead", "delivered"]
    );
    assert_eq!(receiver.all().len(), 2);
}

#[tokio::test]
async fn an_orders_events_arrive_in_their_order() {
    let shop = Shop::open().await;
    let mut receiver = Receiver::open().await;
    receiver.answers("/a", [Reply::Status(500), Reply::Status(500)]);
    shop.webhook(&receiver.url("/a"), &["order.created", "order.confirmed"])
        .await;
    shop.confirmed("one").await;
    // The second event waits for the first, which fails twice; whatever the pauses are.
    assert_eq!(shop.send_all().await, 1);
    for _ in 0..3 {
        shop.clock.advance_ms(301_000);
        assert_eq!(shop.send_all().await, 1);
    }
    let kinds: Vec<_> = receiver
        .all()
        .iter()
        .map(|got| got.json()["type"].as_str().unwrap().to_owned())
        .collect();
    let created = "order.created";
    assert_eq!(kinds, [created, created, created, "order.confirmed"]);
}

#[tokio::test]
async fn a_message_that_kills_its_worker_is_given_up_without_being_sent_again() {
    let shop = Shop::open().await;
    let mut receiver = Receiver::open().await;
    let hook = shop
        .webhook(&receiver.url("/a"), &["order.confirmed"])
        .await;
    shop.confirmed("one").await;
    shop.carry().await;
    for _ in 0..10 {
        let now = shop.app.shop.platform.now();
        let claim = Claim {
            token: shop.app.shop.platform.lease_token(),
            until: now + chrono::TimeDelta::seconds(60),
            limit: 100,
            now,
        };
        // Who has claimed it dies with it.
        let due = sending::claim(&shop.app.shop.pool, &claim, 4)
            .await
            .unwrap();
        assert_eq!(due.len(), 1);
        assert_eq!(shop.send_all().await, 0, "it is leased");
        shop.clock.advance_ms(60_000);
    }
    assert_eq!(shop.send_all().await, 1);
    let delivery = shop.delivery(&hook).await;
    assert_eq!(delivery["status"], "dead", "{delivery}");
    let error = &delivery["attempts"][0]["error"];
    assert_eq!(error, "its worker died at each try");
    let letters = "select count(*) from dead_letters where reason = 'worker_lost'";
    assert_eq!(shop.count(letters).await, 1);
    assert!(receiver.all().is_empty());
}

#[tokio::test]
async fn who_has_lost_its_lease_keeps_nothing() {
    let shop = Shop::open().await;
    let mut receiver = Receiver::open().await;
    receiver.answers("/a", [Reply::Held]);
    let hook = shop
        .webhook(&receiver.url("/a"), &["order.confirmed"])
        .await;
    shop.confirmed("one").await;
    shop.carry().await;
    let first = tokio::spawn({
        let app = shop.app.clone();
        async move { app.webhooks.step().await.unwrap() }
    });
    receiver.next().await;
    shop.clock.advance_ms(60_000);
    assert_eq!(shop.send_all().await, 1, "the lease is over");
    receiver.let_go(1);
    assert_eq!(first.await.unwrap(), 1);
    let delivery = shop.delivery(&hook).await;
    let attempts = delivery["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 1, "{delivery}");
    // The second worker's, which did not have to wait.
    assert_eq!(attempts[0]["took_ms"], 0);
}

#[tokio::test]
async fn a_dead_letter_is_sent_anew_when_it_is_redriven_as_it_was_edited() {
    let shop = Shop::open().await;
    let mut receiver = Receiver::open().await;
    receiver.answers("/a", vec![Reply::Status(410); 2]);
    let hook = shop
        .webhook(&receiver.url("/a"), &["order.confirmed"])
        .await;
    let order = shop.confirmed("one").await;
    assert_eq!(shop.send_all().await, 1);
    let pool = &shop.app.shop.pool;
    let letters = || async {
        let page = dead_letters::list(pool, &Filter::default(), None, 10).await;
        page.unwrap().rows
    };
    let letter = letters().await.remove(0);
    let id = hook["id"].as_str().unwrap();
    assert_eq!(letter.consumer, format!("webhook.{id}"));
    assert_eq!(
        (letter.reason.as_str(), letter.status.as_str()),
        ("permanent", "dead")
    );
    assert_eq!(letter.payload["id"], order["id"]);
    let error = letter.history[0]["error"].as_str().unwrap();
    assert!(error.starts_with("410"), "{error}");
    let first = receiver.next().await;

    shop.write("PATCH", &path(&hook), &[MERGE], r#"{"enabled":true}"#)
        .await;
    let (id, now) = (letter.id, shop.app.shop.platform.now());
    let redrive = |payload: serde_json::Value| async move {
        let mut transaction = pool.begin().await.unwrap();
        let edited = dead_letters::edit(&mut transaction, id, &payload, "ada", now);
        edited.await.unwrap();
        let redriven = dead_letters::redrive(&mut transaction, id, now, now).await;
        assert!(redriven.unwrap());
        transaction.commit().await.unwrap();
    };
    redrive(json!({"edited": 1})).await;
    assert_eq!(shop.send_all().await, 1);
    assert_eq!(letters().await[0].status, "dead", "it is gone again");
    shop.write("PATCH", &path(&hook), &[MERGE], r#"{"enabled":true}"#)
        .await;
    redrive(json!({"edited": 2})).await;
    assert_eq!(shop.send_all().await, 1);
    receiver.next().await;
    let last = receiver.next().await;
    assert_eq!(last.field("webhook-id"), first.field("webhook-id"));
    assert_eq!(last.json()["data"], json!({"edited": 2}));
    assert_eq!(last.json()["timestamp"], first.json()["timestamp"]);
    assert_eq!(letters().await[0].status, "done");
    let delivery = shop.delivery(&hook).await;
    assert_eq!(delivery["status"], "delivered");
    assert_eq!(delivery["attempts"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_deleted_webhooks_letters_are_discarded() {
    let shop = Shop::open().await;
    let receiver = Receiver::open().await;
    receiver.answers("/a", [Reply::Status(410)]);
    let hook = shop
        .webhook(&receiver.url("/a"), &["order.confirmed"])
        .await;
    shop.confirmed("one").await;
    assert_eq!(shop.send_all().await, 1);
    assert_eq!(
        shop.write("DELETE", &path(&hook), &[], "").await.status,
        204
    );
    let left = "select count(*) from dead_letters where status <> 'discarded'";
    assert_eq!(shop.count(left).await, 0);
    assert_eq!(shop.count("select count(*) from deliveries").await, 0);
    assert_eq!(shop.count("select count(*) from dead_letters").await, 1);
}
