//! Dead letters are seen, tried again, edited and discarded, by the API, and somebody is told.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use origin::events::alerts::{Alerts, Bell};
use origin::events::relay::Relay;
use origin::events::{Consumer, Failure};
use origin::store::outbox::{self, Delivery, NewEvent};
use serde_json::{Value, json};
use shared::event::EventType;
use sqlx::PgConnection;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::callers::JSON;
use crate::harness::{Answer, Shop, platform};

/// Refuses data that says `bad` for good, and keeps the rest.
#[derive(Default)]
struct Picky(Mutex<Vec<Value>>);

impl Picky {
    fn taken(&self) -> Vec<Value> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[async_trait]
impl Consumer for Picky {
    fn name(&self) -> &'static str {
        "email"
    }

    fn kinds(&self) -> &'static [EventType] {
        &[EventType::ProductUpdated]
    }

    async fn deliver(&self, delivery: &Delivery, _: &mut PgConnection) -> anyhow::Result<()> {
        let data = &delivery.event.data;
        if data["bad"] == true {
            return Err(Failure::permanent(anyhow::anyhow!(
                "it says that it is bad"
            )));
        }
        self.0.lock().unwrap().push(data.clone());
        Ok(())
    }
}

fn worker(shop: &Shop, picky: &Arc<Picky>) -> Relay {
    let consumers: Vec<Arc<dyn Consumer>> = vec![picky.clone()];
    let wake = Arc::new(Notify::new());
    Relay::new(
        shop.app.shop.pool.clone(),
        platform(&shop.clock),
        wake,
        consumers,
    )
}

async fn append(shop: &Shop, aggregate: u128, payload: Value) {
    let event = NewEvent {
        id: shop.app.shop.platform.event_id(),
        kind: EventType::ProductUpdated,
        aggregate: Uuid::from_u128(aggregate),
        payload,
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        now: shop.app.shop.platform.now(),
    };
    let mut connection = shop.app.shop.pool.acquire().await.unwrap();
    outbox::append(&mut connection, &event).await.unwrap();
}

async fn rest(worker: &Relay) {
    while worker.step().await.unwrap() > 0 {}
}

impl Shop {
    async fn admin_asks(&self, method: &str, path: &str, body: &str) -> Answer {
        let fields: &[(&str, &str)] = if body.is_empty() { &[] } else { &[JSON] };
        let path = format!("/admin/{path}");
        self.ask(&self.admin, method, &path, fields, body).await
    }
}

/// A shop in which the first of each of so many aggregates' two events is dead.
async fn with_dead(count: u128) -> (Shop, Arc<Picky>, Relay, Vec<Value>) {
    let shop = Shop::open().await;
    let picky = Arc::new(Picky::default());
    let worker = worker(&shop, &picky);
    for aggregate in 1..=count {
        append(&shop, aggregate, json!({"bad": true, "number": aggregate})).await;
        append(&shop, aggregate, json!({"behind": aggregate})).await;
        rest(&worker).await;
        shop.clock.advance_ms(10);
    }
    assert_eq!(picky.taken(), [Value::Null; 0]);
    let list = shop.admin_asks("GET", "dead-letters", "").await;
    assert_eq!(list.status, 200, "{list:?}");
    let letters = list.json()["data"].as_array().unwrap().clone();
    assert_eq!(letters.len(), usize::try_from(count).unwrap());
    (shop, picky, worker, letters)
}

fn at(letter: &Value, what: &str) -> String {
    format!("dead-letters/{}{what}", letter["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_letter_says_all_that_is_known_of_it() {
    let (shop, _, _, letters) = with_dead(1).await;
    let letter = shop
        .admin_asks("GET", &at(&letters[0], ""), "")
        .await
        .json();
    assert_eq!(letter, letters[0]);
    for (pointer, expected) in [
        ("/object", json!("dead_letter")),
        ("/consumer", json!("email")),
        ("/status", json!("dead")),
        ("/reason", json!("permanent")),
        ("/error", json!("it says that it is bad")),
        ("/attempts", json!(1)),
        (
            "/history",
            json!([{"at": "2027-01-15T08:00:00.000Z", "error": "it says that it is bad"}]),
        ),
        ("/event/type", json!("product.updated")),
        ("/event/data/number", json!(1)),
        (
            "/traceparent",
            json!("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ),
        ("/settled_at", Value::Null),
        ("/edits", json!([])),
    ] {
        assert_eq!(letter.pointer(pointer), Some(&expected), "{pointer}");
    }
}

#[tokio::test]
async fn a_redriven_letter_is_tried_and_dies_again_or_is_done() {
    let (shop, picky, worker, letters) = with_dead(1).await;
    let redriven = shop
        .admin_asks("POST", &at(&letters[0], "/redrive"), "")
        .await;
    assert_eq!(
        (redriven.status, redriven.json()["status"].clone()),
        (200, json!("redriven"))
    );
    let again = shop
        .admin_asks("POST", &at(&letters[0], "/redrive"), "")
        .await;
    assert_eq!(
        (again.status, again.code().as_str()),
        (409, "dead_letter_settled")
    );
    rest(&worker).await;
    let letter = shop
        .admin_asks("GET", &at(&letters[0], ""), "")
        .await
        .json();
    assert_eq!(
        (&letter["status"], &letter["attempts"]),
        (&json!("dead"), &json!(1))
    );
    assert_eq!(letter["history"].as_array().unwrap().len(), 2);
    // With other data it is done, and what waits behind it comes after it.
    let edit = r#"{"data":{"number":7}}"#;
    let edited = shop
        .admin_asks("POST", &at(&letters[0], "/edit"), edit)
        .await;
    assert_eq!(edited.status, 200, "{edited:?}");
    rest(&worker).await;
    assert_eq!(picky.taken(), [json!({"number": 7}), json!({"behind": 1})]);
    let letter = shop
        .admin_asks("GET", &at(&letters[0], ""), "")
        .await
        .json();
    assert_eq!(letter["status"], "done");
    assert_eq!(letter["event"]["data"], json!({"number": 7}));
    assert_eq!(
        letter["edits"][0]["data"],
        json!({"bad": true, "number": 1})
    );
    assert_eq!(letter["edits"][0]["by"], origin::seed::admin().to_string());
    assert_eq!(shop.count("select count(*) from deliveries").await, 0);
    assert_eq!(shop.count("select count(*) from inbox").await, 2);
}

#[tokio::test]
async fn a_discarded_letter_is_done_and_frees_what_waits() {
    let (shop, picky, worker, letters) = with_dead(1).await;
    let nothing = shop
        .admin_asks("POST", &at(&letters[0], "/discard"), r#"{"reason":" "}"#)
        .await;
    assert_eq!(
        (nothing.status, nothing.code().as_str()),
        (400, "body_invalid")
    );
    let reason = r#"{"reason":"sent by hand"}"#;
    let discarded = shop
        .admin_asks("POST", &at(&letters[0], "/discard"), reason)
        .await;
    assert_eq!(discarded.status, 200, "{discarded:?}");
    assert_eq!(discarded.json()["note"], "sent by hand");
    rest(&worker).await;
    assert_eq!(picky.taken(), [json!({"behind": 1})]);
    for what in ["/redrive", "/discard", "/edit"] {
        let body = match what {
            "/redrive" => "",
            "/discard" => reason,
            _ => r#"{"data":{}}"#,
        };
        let again = shop.admin_asks("POST", &at(&letters[0], what), body).await;
        assert_eq!(
            (again.status, again.code().as_str()),
            (409, "dead_letter_settled")
        );
    }
    // It is done for good: a replay does not bring it back.
    let began = chrono::DateTime::from_timestamp_millis(crate::harness::BEGIN_MS).unwrap();
    let pool = &shop.app.shop.pool;
    sqlx::query("update ticks set created_at = $1")
        .bind(began)
        .execute(pool)
        .await
        .unwrap();
    sqlx::query("update subscriptions set tick_id = (select min(id) from ticks)")
        .execute(pool)
        .await
        .unwrap();
    rest(&worker).await;
    assert_eq!(picky.taken(), [Value::Null; 0]);
}

#[tokio::test]
async fn many_are_redriven_at_a_rate() {
    let (shop, picky, worker, _) = with_dead(4).await;
    sqlx::query("update dead_letters set payload = '{\"mended\": true}'")
        .execute(&shop.app.shop.pool)
        .await
        .unwrap();
    let none = r#"{"consumer":"purge"}"#;
    let none = shop.admin_asks("POST", "dead-letters/redrive", none).await;
    assert_eq!(
        (none.status, none.json()["redriven"].clone()),
        (202, json!(0))
    );
    let asked = r#"{"consumer":"email","type":"product.updated","per_second":2}"#;
    let redriven = shop.admin_asks("POST", "dead-letters/redrive", asked).await;
    assert_eq!(redriven.status, 202, "{redriven:?}");
    assert_eq!(redriven.json()["redriven"], 4);
    assert_eq!(redriven.json()["more"], false);
    for behind in 1..=4 {
        rest(&worker).await;
        let taken = picky.taken();
        assert_eq!(taken, [json!({"mended": true}), json!({"behind": behind})]);
        shop.clock.advance_ms(500);
    }
    for body in [
        r#"{"per_second":0}"#,
        r#"{"consumer":"E!"}"#,
        r#"{"all":true}"#,
    ] {
        let refused = shop.admin_asks("POST", "dead-letters/redrive", body).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (400, "body_invalid"),
            "{body}"
        );
    }
}

#[tokio::test]
async fn letters_are_listed_by_what_they_are() {
    let (shop, _, _, letters) = with_dead(3).await;
    shop.admin_asks("POST", &at(&letters[0], "/discard"), r#"{"reason":"x"}"#)
        .await;
    let count = |query: &'static str| {
        let shop = shop.clone();
        async move {
            let list = shop
                .admin_asks("GET", &format!("dead-letters?{query}"), "")
                .await;
            assert_eq!(list.status, 200, "{query}: {list:?}");
            list.json()["data"].as_array().unwrap().len()
        }
    };
    for (query, found) in [
        ("", 3),
        ("status=dead", 2),
        ("status=discarded", 1),
        ("consumer=email", 3),
        ("consumer=purge", 0),
        ("type=product.updated", 3),
        ("type=order.created", 0),
        ("since=2027-01-15T08:00:00.010Z", 2),
        ("until=2027-01-15T08:00:00.010Z", 1),
        ("limit=2", 2),
    ] {
        assert_eq!(count(query).await, found, "{query}");
    }
    for query in [
        "status=gone",
        "since=yesterday",
        "consumer=E!",
        "page=2",
        "type=",
    ] {
        let refused = shop
            .admin_asks("GET", &format!("dead-letters?{query}"), "")
            .await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (400, "request_invalid"),
            "{query}"
        );
    }
    // Page by page, there and back.
    let first = shop
        .admin_asks("GET", "dead-letters?limit=2", "")
        .await
        .json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = format!("dead-letters?limit=2&cursor={cursor}");
    let second = shop.admin_asks("GET", &second, "").await;
    let ids: Vec<_> = [&first, &second.json()]
        .iter()
        .flat_map(|page| page["data"].as_array().unwrap().clone())
        .map(|letter| letter["id"].clone())
        .collect();
    let all: Vec<_> = letters.iter().map(|letter| letter["id"].clone()).collect();
    assert_eq!(ids, all);
    assert!(second.field("link").contains("rel=\"prev\""));
}

#[tokio::test]
async fn only_admins_see_letters_and_events() {
    let (shop, _, _, letters) = with_dead(1).await;
    let none = format!("/admin/dead-letters/{}", "dlt_00000000000000000000000000");
    let missing = shop.ask(&shop.admin, "GET", &none, &[], "").await;
    assert_eq!(missing.status, 404);
    for path in [
        "dead-letters".to_owned(),
        "events".to_owned(),
        at(&letters[0], ""),
    ] {
        let refused = shop
            .ask(&shop.customer, "GET", &format!("/admin/{path}"), &[], "")
            .await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (403, "scope_missing"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_log_is_listed_by_what_happened() {
    let (shop, _, _, _) = with_dead(2).await;
    for (query, found) in [
        ("", 4),
        ("limit=3", 3),
        ("type=product.updated", 4),
        ("type=order.created", 0),
        ("aggregate_id=prd_00000000000000000000000001", 2),
        ("since=2027-01-15T08:00:00.010Z", 2),
        ("until=2027-01-15T08:00:00.010Z", 2),
    ] {
        let list = shop.admin_asks("GET", &format!("events?{query}"), "").await;
        assert_eq!(list.status, 200, "{query}: {list:?}");
        let data = list.json()["data"].as_array().unwrap().clone();
        assert_eq!(data.len(), found, "{query}");
        if query.is_empty() {
            let times: Vec<_> = data
                .iter()
                .map(|event| event["created_at"].to_string())
                .collect();
            assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
            assert_eq!(data[0]["schema_version"], 1);
        }
    }
    for query in ["aggregate_id=x", "since=x", "type=", "seq=1"] {
        let refused = shop.admin_asks("GET", &format!("events?{query}"), "").await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (400, "request_invalid"),
            "{query}"
        );
    }
}

/// Keeps what is rung, once it works.
#[derive(Default)]
struct Kept {
    rung: Mutex<Vec<Value>>,
    broken: Mutex<bool>,
}

#[async_trait]
impl Bell for Kept {
    async fn ring(&self, alert: &Value) -> anyhow::Result<()> {
        anyhow::ensure!(!*self.broken.lock().unwrap(), "the bell is broken");
        self.rung.lock().unwrap().push(alert["name"].clone());
        Ok(())
    }
}

#[tokio::test]
async fn somebody_is_told_at_the_first_letter_and_of_a_long_lag() {
    let (shop, _, worker, letters) = with_dead(2).await;
    let bell = Arc::new(Kept::default());
    let pool = shop.app.shop.pool.clone();
    let alerts = Alerts::new(pool, platform(&shop.clock), Some(bell.clone()));
    let rung = || std::mem::take(&mut *bell.rung.lock().unwrap());
    *bell.broken.lock().unwrap() = true;
    assert_eq!(alerts.step().await.unwrap(), 0);
    *bell.broken.lock().unwrap() = false;
    assert_eq!(alerts.step().await.unwrap(), 1);
    assert_eq!(rung(), ["dead_letters:email"]);
    alerts.step().await.unwrap();
    assert_eq!(rung(), [Value::Null; 0], "told once");
    // The others have not read a thing for a minute.
    shop.clock.advance_ms(61_000);
    alerts.step().await.unwrap();
    let told = rung();
    assert!(
        told.contains(&json!("lag:purge")) && !told.contains(&json!("lag:email")),
        "{told:?}"
    );
    for letter in &letters {
        shop.admin_asks("POST", &at(letter, "/discard"), r#"{"reason":"x"}"#)
            .await;
    }
    alerts.step().await.unwrap();
    assert_eq!(
        shop.count(
            "select count(*) from alerts where name = 'dead_letters:email'
            and cleared_at is not null"
        )
        .await,
        1
    );
    append(&shop, 9, json!({"bad": true})).await;
    rest(&worker).await;
    alerts.step().await.unwrap();
    assert_eq!(rung(), ["dead_letters:email"]);
}
