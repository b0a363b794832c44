//! Reads behind a place in the database's log: with a replica that lags, a memory that is warm, and
//! neither.

mod budget;
mod gate;
mod own_writes;
mod pair;
#[cfg(feature = "redis")]
mod redis;
mod replica;
mod reports;
mod shortcut;

use std::sync::Arc;

use origin::app::App;
use origin::store::log;
use serde_json::Value;
use shared::assertion::Asserted;
use shared::caller::Caller;
use shared::feed::Position;
use tower::ServiceExt;

use crate::callers::MERGE;
use crate::harness::{BEGIN_MS, Shop, platform, request};
use pair::{Pair, number};

const OLD: i64 = 2999;
const NEW: i64 = 3100;

impl Shop {
    /// What the edge signs for a read: as new as that place, or as new as there is.
    fn edge_signs(&self, path: &str, position: Option<Position>) -> String {
        let asserted = Asserted {
            caller: Caller::Anonymous,
            api_version: "v2".into(),
            request_id: "req_of_the_edge".into(),
            prefix: "/v2".into(),
            fingerprint: None,
            converter: None,
            position,
        };
        let keys = self.config.assertion_keys().unwrap();
        let now = self.app.shop.platform.now().timestamp();
        keys.sign(&asserted, "GET", path, now).unwrap()
    }

    /// A read as the edge asks for it.
    async fn edge_reads(&self, path: &str, position: Option<Position>) -> Value {
        let assertion = self.edge_signs(path, position);
        let answer = self.get(path, &[("headgate-assertion", &assertion)]).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// The price that such a read shows: of a product, or of the first one of a list.
    async fn price(&self, path: &str, position: Option<Position>) -> i64 {
        let shown = self.edge_reads(path, position).await;
        let product = shown["data"].get(0).unwrap_or(&shown);
        product["price"]["amount"].as_i64().unwrap()
    }

    /// A change by another process.
    async fn changed_elsewhere(&self, path: &str, body: &str) {
        let app = App::build_with(&self.config, platform(&self.clock), self.provider.clone());
        let bearer = format!("Bearer {}", self.admin);
        let fields = [MERGE, ("if-match", "*"), ("authorization", &bearer)];
        let answer = app
            .unwrap()
            .api
            .oneshot(request("PATCH", path, &fields, body))
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
    }

    async fn mark(&self) -> Position {
        let mut connection = self.app.shop.pool.acquire().await.unwrap();
        log::mark(&mut connection).await.unwrap()
    }
}

#[tokio::test]
async fn neither_a_lagging_replica_nor_a_warm_memory_undoes_a_change() {
    let pair = Pair::lock().await;
    let shop = pair.shop().await;
    let (path, _) = shop.mug("MUG-1").await;
    let list =
        "/products?category=kitchen&sort=price_asc&min_price=2999&max_price=3100&q=stoneware";
    let before = shop.mark().await;
    pair.caught_up(&shop, before).await;
    pair.pause().await;
    assert_eq!(shop.price(&path, Some(before)).await, OLD);
    assert_eq!(shop.price(list, Some(before)).await, OLD);
    shop.changed_elsewhere(&path, r#"{"price":{"amount":3100}}"#)
        .await;
    let after = shop.mark().await;
    // What needs not be new comes from where it is near: memory, and the replica.
    assert_eq!(shop.price(&path, Some(Position(0))).await, OLD);
    assert_eq!(shop.price(list, Some(before)).await, OLD);
    assert_eq!(
        shop.get(list, &[]).await.json()["data"][0]["price"]["amount"],
        OLD
    );
    // What must be new is, from the primary, and stays so in memory.
    assert_eq!(shop.price(&path, Some(after)).await, NEW);
    assert_eq!(shop.price(list, Some(after)).await, NEW);
    assert_eq!(shop.price(&path, Some(Position(0))).await, NEW);
    assert_eq!(shop.price(&path, None).await, NEW);
    assert_eq!(shop.price(list, None).await, NEW);
    // A place of another system's log is beyond this one's: the primary is the authority.
    assert_eq!(shop.price(&path, Some(Position(u64::MAX))).await, NEW);
    pair.resume().await;
    pair.caught_up(&shop, after).await;
    assert_eq!(shop.price(list, Some(after)).await, NEW);
    assert_eq!(shop.get(&path, &[]).await.json()["price"]["amount"], NEW);
}

#[tokio::test]
async fn memory_forgets_what_this_process_changes_and_what_is_old() {
    let shop = Shop::open().await;
    let (path, _) = shop.mug("MUG-1").await;
    let any = Some(Position(0));
    assert_eq!(shop.price(&path, any).await, OLD);
    let dearer = r#"{"price":{"amount":3100}}"#;
    let fields = [MERGE, ("if-match", "*")];
    assert_eq!(
        shop.write("PATCH", &path, &fields, dearer).await.status,
        200
    );
    assert_eq!(shop.price(&path, any).await, NEW);
    shop.changed_elsewhere(&path, r#"{"price":{"amount":2999}}"#)
        .await;
    assert_eq!(shop.price(&path, any).await, NEW, "nobody said so");
    assert_eq!(shop.get(&path, &[]).await.json()["price"]["amount"], OLD);
    shop.clock.set(BEGIN_MS + 300_000);
    assert_eq!(shop.price(&path, any).await, OLD);
    let gone = shop.write("DELETE", &path, &[("if-match", "*")], "").await;
    assert_eq!(gone.status, 204);
    assert_eq!(shop.get(&path, &[]).await.status, 404);
}

#[tokio::test]
async fn those_who_want_one_product_at_once_share_a_read() {
    let shop = Shop::open().await;
    let (path, _) = shop.mug("MUG-1").await;
    let mut lock = shop.app.shop.pool.begin().await.unwrap();
    sqlx::query("lock table products in access exclusive mode")
        .execute(&mut *lock)
        .await
        .unwrap();
    let readers: Vec<_> = (0..20)
        .map(|_| {
            let (shop, path) = (shop.clone(), path.clone());
            tokio::spawn(async move { shop.price(&path, Some(Position(0))).await })
        })
        .collect();
    let waiting = "select count(*) from pg_stat_activity
                   where datname = current_database() and wait_event_type = 'Lock'";
    while shop.count(waiting).await == 0 {}
    assert_eq!(shop.count(waiting).await, 1);
    lock.commit().await.unwrap();
    for reader in readers {
        assert_eq!(reader.await.unwrap(), OLD);
    }
}

#[tokio::test]
async fn a_replica_that_is_gone_is_no_hindrance() {
    let shop = Shop::open().await;
    let (path, _) = shop.mug("MUG-1").await;
    let mut config = shop.config.clone();
    let nowhere = format!("postgres://127.0.0.1:{}/x", xtask::ports::free().unwrap());
    config.databases.database_replica_url = Some(nowhere.into());
    let app = App::build_with(&config, platform(&shop.clock), shop.provider.clone()).unwrap();
    let shop = Shop {
        app: Arc::new(app),
        ..shop
    };
    for position in [None, Some(Position(0)), Some(Position(u64::MAX))] {
        assert_eq!(shop.price(&path, position).await, OLD);
        assert_eq!(shop.price("/products?q=stoneware", position).await, OLD);
        shop.clock.advance_ms(1000);
    }
    assert_eq!(shop.get(&path, &[]).await.status, 200);
}

/// A commit is written before it can be seen. Whoever reads in between takes a label behind the
/// commit and sees the old state; so the position has to be behind that label.
#[tokio::test]
async fn a_position_is_behind_who_read_between_commit_and_sight() {
    let pair = Pair::lock().await;
    let shop = pair.shop().await;
    let (path, _) = shop.mug("MUG-1").await;
    let mut pool = shop.app.shop.pool.acquire().await.unwrap();
    // Commits wait for a standby that there is not, after they are written.
    let unseen = pair.commit_unseen(&shop).await;
    let price = "select price_amount from products where sku = 'MUG-1'";
    // The first read may tidy the page up, which is written too; the second finds the log as it is.
    assert_eq!(number(&mut *pool, price).await, OLD);
    let label = log::label(&mut pool).await.unwrap().unwrap();
    assert_eq!(number(&mut *pool, price).await, OLD);
    pair.let_commits_go().await;
    unseen.await.unwrap();
    let position = log::mark(&mut pool).await.unwrap();
    assert!(label < position, "{label:?} {position:?}");
    assert_eq!(shop.price(&path, Some(position)).await, NEW);
}
