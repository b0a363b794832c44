//! A replica that dies, comes back, lags, and is made the primary.

use std::sync::Arc;

use origin::app::App;
use shared::feed::Position;

use super::gate::Gate;
use super::pair::Pair;
use super::{NEW, OLD};
use crate::callers::MERGE;
use crate::harness::{Shop, platform};

const LIST: &str = "/products?category=kitchen&q=stoneware";

impl Shop {
    /// The same shop by another address of its replica.
    fn following(&self, replica_url: String) -> Self {
        let mut config = self.config.clone();
        config.databases.database_replica_url = Some(replica_url.into());
        let app = App::build_with(&config, platform(&self.clock), self.provider.clone());
        Self {
            app: Arc::new(app.unwrap()),
            config,
            ..self.clone()
        }
    }

    /// What a figure of `/metrics` stands at.
    pub(super) async fn figure(&self, name: &str) -> i64 {
        let text = self.metrics().await;
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.map_or(0, |number| number.trim().parse().unwrap())
    }

    pub(super) async fn reads_from(&self, source: &str) -> i64 {
        self.figure(&format!("headgate_reads_total{{source=\"{source}\"}}"))
            .await
    }
}

#[tokio::test]
async fn no_read_pays_for_a_dead_replica_but_those_that_met_its_death() {
    let pair = Pair::lock().await;
    let (url, port) = pair.replica_address();
    let gate = Gate::before(port).await;
    let shop = pair.shop().await;
    let (path, _) = shop.mug("MUG-1").await;
    let place = shop.mark().await;
    pair.caught_up(&shop, place).await;
    let shop = shop.following(gate.through(&url, port));
    let since = Some(place);
    assert_eq!(shop.price(LIST, since).await, OLD);
    assert_eq!(shop.reads_from("replica").await, 1);
    shop.app.shop.reads.check().await;
    assert_eq!(shop.figure("headgate_replica_up").await, 1);

    gate.open(false);
    assert_eq!(shop.price(LIST, since).await, OLD);
    assert_eq!(shop.price(&path, Some(Position(0))).await, OLD);
    assert_eq!(shop.figure("headgate_replica_up").await, 0);
    let knocked = gate.knocked();
    for _ in 0..20 {
        assert_eq!(shop.price(LIST, since).await, OLD);
    }
    assert_eq!(gate.knocked(), knocked, "a read knocked at who is dead");
    // The first check may only find that the connection of the one before is gone.
    shop.app.shop.reads.check().await;
    shop.app.shop.reads.check().await;
    assert!(gate.knocked() > knocked, "nobody looks");
    assert_eq!(shop.reads_from("replica").await, 1);
    assert_eq!(shop.reads_from("fallback").await, 22);

    gate.open(true);
    shop.app.shop.reads.check().await;
    assert_eq!(shop.figure("headgate_replica_up").await, 1);
    assert_eq!(shop.price(LIST, since).await, OLD);
    assert_eq!(shop.reads_from("replica").await, 2);
}

#[tokio::test]
async fn who_lags_for_long_answers_only_who_says_how_new() {
    let pair = Pair::lock().await;
    let shop = pair.shop().await;
    let (path, _) = shop.mug("MUG-1").await;
    let before = shop.mark().await;
    pair.caught_up(&shop, before).await;
    pair.pause().await;
    let dearer = r#"{"price":{"amount":3100}}"#;
    let fields = [MERGE, ("if-match", "*")];
    assert_eq!(
        shop.write("PATCH", &path, &fields, dearer).await.status,
        200
    );
    let reads = &shop.app.shop.reads;
    let anybody = async || shop.get(LIST, &[]).await.json()["data"][0]["price"]["amount"].clone();
    reads.check().await;
    shop.clock.advance_ms(30_000);
    reads.check().await;
    assert_eq!(shop.figure("headgate_replica_lag_seconds").await, 30);
    assert!(shop.figure("headgate_replica_lag_bytes").await > 0);
    assert_eq!(anybody().await, OLD);
    shop.clock.advance_ms(1_000);
    reads.check().await;
    assert_eq!(shop.figure("headgate_replica_lag_seconds").await, 31);
    assert_eq!(anybody().await, NEW);
    assert_eq!(shop.price(LIST, Some(before)).await, OLD);
    pair.resume().await;
    let after = shop.mark().await;
    pair.caught_up(&shop, after).await;
    reads.check().await;
    assert_eq!(shop.figure("headgate_replica_lag_seconds").await, 0);
    let from_it = shop.reads_from("replica").await;
    assert_eq!(anybody().await, NEW);
    assert!(shop.reads_from("replica").await > from_it);
}
