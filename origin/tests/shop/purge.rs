//! What changes is told to the edge: once a step, behind every reader who could have missed it, and
//! again until it has arrived.

use std::sync::Arc;

use async_trait::async_trait;
use origin::app::App;
use origin::events::Consumer;
use origin::events::purge::Purge;
use origin::events::relay::Relay;
use origin::feed::FeedDoor;
use origin::store::log;
use origin::store::outbox::Delivery;
use serde_json::json;
use shared::event::EventType;
use shared::feed::{Notice, Position};
use sqlx::PgConnection;
use tokio::sync::{Notify, mpsc};

use crate::callers::{JSON, MERGE};
use crate::door::{Door, names};
use crate::harness::{Shop, order, platform};

/// Another origin over the same database, which knows where an edge is.
fn beside(shop: &Shop, edge_url: Option<String>) -> App {
    let mut config = shop.config.clone();
    config.edge_url = edge_url;
    App::build_with(&config, platform(&shop.clock), shop.provider.clone()).unwrap()
}

async fn carried(app: &App) {
    while app.relay.step().await.unwrap() > 0 {}
    app.relay.leave().await;
}

async fn label(shop: &Shop) -> Position {
    let mut connection = shop.app.shop.pool.acquire().await.unwrap();
    log::label(&mut connection).await.unwrap().unwrap()
}

/// Whether the consumer has come as far as the ticks have.
async fn is_done(shop: &Shop) -> bool {
    shop.count(
        "select count(*) from subscriptions
         where consumer = 'purge' and tick_id = (select max(id) from ticks)",
    )
    .await
        == 1
}

#[tokio::test]
async fn a_step_is_told_in_one_notice_with_a_position_behind_it() {
    let shop = Shop::open().await;
    let door = Door::open(&shop.config, &shop.clock).await;
    let app = beside(&shop, Some(door.url()));
    let (path, _) = shop.mug("MUG-1").await;
    let any = [MERGE, ("if-match", "*")];
    for patch in [
        r#"{"price":{"amount":3100}}"#,
        r#"{"category":"cups"}"#,
        r#"{"stock":3}"#,
    ] {
        assert_eq!(shop.write("PATCH", &path, &any, patch).await.status, 200);
    }
    assert_eq!(shop.write("DELETE", &path, &any, "").await.status, 204);
    let before = label(&shop).await;
    carried(&app).await;
    let after = label(&shop).await;
    let told = door.told();
    assert_eq!(told.len(), 1, "{told:?}");
    let id = path.trim_start_matches("/products/");
    let product = format!("product:{id}");
    assert_eq!(
        names(&told[0]),
        ["products", "category:kitchen", &product, "category:cups"]
    );
    let position = told[0].position.unwrap();
    assert!(
        before < position && position <= after,
        "{before:?} {position:?} {after:?}"
    );
    assert!(!told[0].soft);
    let done = "select count(*) from inbox where consumer = 'purge'";
    assert_eq!(shop.count(done).await, 5);
    assert!(is_done(&shop).await);
    carried(&app).await;
    assert_eq!(door.knocks(), 1);
}

#[tokio::test]
async fn a_category_that_a_product_leaves_is_told_by_the_product_it_shows() {
    let shop = Shop::open().await;
    let door = Door::open(&shop.config, &shop.clock).await;
    let app = beside(&shop, Some(door.url()));
    let (path, _) = shop.mug("MUG-1").await;
    carried(&app).await;
    let list = shop.get("/products?category=kitchen", &[]).await;
    let tags: Vec<_> = list.field("cache-tag").split(' ').collect();
    door.told();
    let any = [MERGE, ("if-match", "*")];
    let moved = shop
        .write("PATCH", &path, &any, r#"{"category":"cups"}"#)
        .await;
    assert_eq!(moved.status, 200);
    carried(&app).await;
    let told = door.told();
    let told = names(&told[0]);
    assert!(!told.contains(&"category:kitchen"), "{told:?}");
    assert!(
        told.iter().any(|name| tags.contains(name)),
        "{told:?} {tags:?}"
    );
}

#[tokio::test]
async fn what_the_edge_does_not_take_is_told_again_and_holds_up_nothing() {
    let shop = Shop::open().await;
    let door = Door::open(&shop.config, &shop.clock).await;
    let app = beside(&shop, Some(door.url()));
    let (path, _) = shop.mug("MUG-1").await;
    let products = shop.plenty().await;
    let new = order(&[(&products[0], 1)], "pm_card_visa");
    assert_eq!(shop.order("k", &new).await.status, 201);
    door.shut(true);
    carried(&app).await;
    carried(&app).await;
    assert_eq!(door.knocks(), 1, "it pauses");
    let done = "select count(*) from inbox where consumer = 'purge'";
    let mailed = "select count(*) from inbox where consumer = 'email'";
    assert_eq!((shop.count(done).await, shop.count(mailed).await), (0, 1));
    shop.clock.advance_ms(250);
    carried(&app).await;
    assert_eq!(door.knocks(), 2);
    let any = [MERGE, ("if-match", "*")];
    let dearer = r#"{"price":{"amount":3100}}"#;
    assert_eq!(shop.write("PATCH", &path, &any, dearer).await.status, 200);
    door.shut(false);
    carried(&app).await;
    assert_eq!(door.knocks(), 2, "the second pause is longer");
    shop.clock.advance_ms(500);
    carried(&app).await;
    let told = door.told();
    let id = path.trim_start_matches("/products/");
    let product = format!("product:{id}");
    assert_eq!(told.len(), 1);
    assert_eq!(names(&told[0]), ["products", "category:kitchen", &product]);
    assert_eq!(shop.count(done).await, 2);
    assert!(is_done(&shop).await);
    assert_eq!(shop.count("select count(*) from deliveries").await, 0);
}

#[tokio::test]
async fn a_door_that_is_opened_later_does_not_hear_of_the_past() {
    let shop = Shop::open().await;
    let door = Door::open(&shop.config, &shop.clock).await;
    shop.mug("MUG-1").await;
    carried(&beside(&shop, None)).await;
    assert!(is_done(&shop).await);
    assert_eq!(
        shop.count("select count(*) from inbox where consumer = 'purge'")
            .await,
        0
    );
    let app = beside(&shop, Some(door.url()));
    carried(&app).await;
    assert_eq!(door.knocks(), 0);
    shop.mug("MUG-2").await;
    carried(&app).await;
    assert_eq!(door.told().len(), 1);
}

#[tokio::test]
async fn many_changes_are_told_in_steps_and_none_twice() {
    let shop = Shop::open().await;
    let door = Door::open(&shop.config, &shop.clock).await;
    let app = beside(&shop, Some(door.url()));
    sqlx::query(
        "insert into outbox (id, type, aggregate_id, payload, created_at)
         select gen_random_uuid(), 'product.updated', id, jsonb_build_object('category', 'tea'), $1
         from products, generate_series(1, 2)",
    )
    .bind(shop.app.shop.platform.now())
    .execute(&shop.app.shop.pool)
    .await
    .unwrap();
    carried(&app).await;
    let told = door.told();
    assert_eq!(told.len(), 2, "500 events, then 100");
    assert_eq!(
        shop.count("select count(*) from inbox where consumer = 'purge'")
            .await,
        600
    );
    assert!(is_done(&shop).await);
    assert!(told[0].position < told[1].position);
}

/// A door that never answers.
struct Hung;

#[async_trait]
impl FeedDoor for Hung {
    async fn tell(&self, _: &Notice, _: Option<&str>) -> anyhow::Result<()> {
        std::future::pending().await
    }
}

/// Says what it hears.
struct Heard(mpsc::UnboundedSender<EventType>);

#[async_trait]
impl Consumer for Heard {
    fn name(&self) -> &'static str {
        "email"
    }

    fn kinds(&self) -> &'static [EventType] {
        &[EventType::ProductCreated]
    }

    async fn deliver(&self, delivery: &Delivery, _: &mut PgConnection) -> anyhow::Result<()> {
        Ok(self.0.send(delivery.event.kind)?)
    }
}

#[tokio::test]
async fn a_door_that_hangs_holds_up_no_other_consumer() {
    let shop = Shop::open().await;
    let (sender, mut heard) = mpsc::unbounded_channel();
    let purge = Purge::new(Some(Arc::new(Hung)), None, platform(&shop.clock));
    let consumers: Vec<Arc<dyn Consumer>> = vec![Arc::new(purge), Arc::new(Heard(sender))];
    let wake = Arc::new(Notify::new());
    let pool = shop.app.shop.pool.clone();
    let relay = Relay::new(pool, platform(&shop.clock), wake.clone(), consumers);
    let running = tokio::spawn(async move { relay.run().await });
    for sku in ["MUG-1", "MUG-2"] {
        shop.mug(sku).await;
        wake.notify_one();
        assert_eq!(heard.recv().await, Some(EventType::ProductCreated));
    }
    running.abort();
}

#[tokio::test]
async fn a_purge_that_is_asked_for_is_kept_and_told() {
    let shop = Shop::open().await;
    let door = Door::open(&shop.config, &shop.clock).await;
    let app = beside(&shop, Some(door.url()));
    let path = "/admin/cache/purges";
    for (token, fields, body, status, code) in [
        (
            "",
            vec![JSON],
            r#"{"everything":true}"#,
            401,
            "token_missing",
        ),
        (
            &*shop.customer,
            vec![JSON],
            r#"{"everything":true}"#,
            403,
            "scope_missing",
        ),
        (
            &shop.admin,
            vec![],
            r#"{"everything":true}"#,
            415,
            "media_type_unsupported",
        ),
        (&shop.admin, vec![JSON], "{}", 400, "body_invalid"),
        (
            &shop.admin,
            vec![JSON],
            r#"{"urls":["x"]}"#,
            400,
            "body_invalid",
        ),
    ] {
        let answer = shop.ask(token, "POST", path, &fields, body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{body}"
        );
    }
    let told = "select count(*) from outbox";
    assert_eq!(shop.count(told).await, 0);
    let body = r#"{"tags":["category:tea"],"urls":["/v2/products?limit=5"],"soft":true}"#;
    let answer = shop.write("POST", path, &[JSON], body).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    assert_eq!(answer.field("cache-control"), "private, no-store");
    let mut purge = answer.json();
    let id = purge["id"].take();
    assert!(id.as_str().unwrap().starts_with("prg_"), "{id}");
    let created_at = "2027-01-15T08:00:00.000Z";
    let expected = json!({"object": "cache_purge", "id": null, "tags": ["category:tea"],
        "urls": ["/products?limit=5"], "everything": false, "soft": true,
        "created_at": created_at});
    assert_eq!(purge, expected);
    carried(&app).await;
    let told = door.told();
    assert_eq!(names(&told[0]), ["category:tea", "/products?limit=5"]);
    assert!(told[0].soft && told[0].position.is_some());
    let all = shop
        .write("POST", path, &[JSON], r#"{"everything":true}"#)
        .await;
    assert_eq!(all.status, 202);
    carried(&app).await;
    assert_eq!(names(&door.told()[0]), ["*"]);
}
