//! The primary is lost after a commit, and its standby takes over: nobody is charged twice, and what an
//! asynchronous standby has lost is found and paid back.

use std::sync::Arc;

use origin::app::App;
use origin::config::Databases;
use origin::order::LEASE_SECONDS;
use origin::order::stray::REFUND_AFTER_SECONDS;
use origin::reconcile::{Kind, SETTLING};
use origin::store::log;
use sqlx::postgres::PgPool;
use xtask::postgres::{Cluster, Options};
use xtask::progress::Progress;
use xtask::tools::Tools;

use crate::harness::{Shop, folder, order, platform};
use crate::provider::{Fault, Provider};

/// A primary, its standby, and a shop on the primary.
struct Pair {
    primary: Cluster,
    standby: Cluster,
    shop: Shop,
}

impl Pair {
    async fn start(name: &str) -> Self {
        let options = |part: &str| Options {
            folder: folder().join(format!("{name}-{part}")),
            log: folder().join(format!("{name}-{part}.log")),
            ephemeral: true,
        };
        let (first, second) = (options("primary"), options("standby"));
        let clusters = tokio::task::spawn_blocking(move || {
            let tools = Tools::ensure(Progress::quiet()).unwrap();
            let mut primary = Cluster::start(&tools, &first).unwrap();
            let standby = primary.standby(&second).unwrap();
            (primary, standby)
        });
        let (primary, standby) = clusters.await.unwrap();
        let provider = Arc::new(Provider::default());
        let databases = databases(&primary);
        let shop = Shop::open_on(databases, provider.clone(), provider).await;
        Self {
            primary,
            standby,
            shop,
        }
    }

    async fn on(cluster: &Cluster, statements: &[&'static str]) {
        let pool = PgPool::connect(&cluster.url_of("postgres")).await.unwrap();
        for sql in statements {
            sqlx::query(*sql).execute(&pool).await.unwrap();
        }
        pool.close().await;
    }

    /// Asks until the answer is one.
    async fn until_one(cluster: &Cluster, sql: &'static str) {
        let pool = PgPool::connect(&cluster.url_of("postgres")).await.unwrap();
        let ask = || sqlx::query_scalar::<_, i64>(sql).fetch_one(&pool);
        while ask().await.unwrap() != 1 {}
        pool.close().await;
    }

    /// From now on a commit waits for the standby.
    async fn synchronise(&self) {
        let sync = "alter system set synchronous_standby_names = '*'";
        Self::on(&self.primary, &[sync, "select pg_reload_conf()"]).await;
        let waits = "select count(*) from pg_stat_replication where sync_state = 'sync'";
        Self::until_one(&self.primary, waits).await;
    }

    /// Brings the standby up to here, and then lets it hear nothing more.
    async fn cut(&self) {
        let sent = "select count(*) from pg_stat_replication
                    where replay_lsn >= pg_current_wal_insert_lsn()";
        Self::until_one(&self.primary, sent).await;
        let deaf = "alter system set primary_conninfo = ''";
        Self::on(&self.standby, &[deaf, "select pg_reload_conf()"]).await;
        let gone = "select (count(*) = 0)::int::bigint from pg_stat_replication";
        Self::until_one(&self.primary, gone).await;
    }

    /// Another origin works on what was the standby.
    async fn take_over(&mut self) {
        Self::on(&self.standby, &["select pg_promote()"]).await;
        let shop = &mut self.shop;
        shop.config.databases = databases(&self.standby);
        let app = App::build_with(&shop.config, platform(&shop.clock), shop.provider.clone());
        shop.app = Arc::new(app.unwrap());
        let lease_ms = LEASE_SECONDS * 1_000;
        shop.clock.advance_ms(lease_ms + 1);
    }
}

impl Shop {
    /// Which log labels and positions are places in.
    async fn log(&self) -> sqlx::Result<String> {
        let mut connection = self.app.shop.pool.acquire().await?;
        log::system(&mut connection).await
    }
}

fn databases(cluster: &Cluster) -> Databases {
    Databases {
        database_url: cluster.url_of("shop").into(),
        database_replica_url: None,
        pool_connections_max: Some(4),
    }
}

const STOCK: &str = "select sum(available + reserved + sold) from inventory";

#[tokio::test]
async fn a_synchronous_standby_loses_nothing_and_charges_nobody_twice() {
    let mut pair = Pair::start("synchronous").await;
    pair.synchronise().await;
    let shop = pair.shop.clone();
    let products = shop.plenty().await;
    let stock = shop.count(STOCK).await;
    let new = order(&[(&products[0], 2)], "pm_card_visa");
    let answered = shop.order("answered", &new).await;
    assert_eq!(answered.status, 201, "{answered:?}");
    // T1 has committed, the provider charges, and T2 finds no primary.
    shop.provider.breaks([Fault::Held]);
    let under_way = {
        let (shop, new) = (shop.clone(), new.clone());
        tokio::spawn(async move { shop.order("charging", &new).await })
    };
    shop.provider.held.notified().await;
    pair.primary.kill();
    shop.provider.go.notify_one();
    let cut_off = under_way.await.unwrap();
    assert_eq!(cut_off.status, 503, "{cut_off:?}");
    assert_eq!(cut_off.json()["outcome"], "unknown");
    assert_eq!(cut_off.json()["safe_new_key"], false);

    pair.take_over().await;
    let shop = &pair.shop;
    let again = shop.order("answered", &new).await;
    assert_eq!(again.field("idempotent-replayed"), "true");
    assert_eq!(again.body, answered.body);
    let settled = shop.order("charging", &new).await;
    assert_eq!(settled.status, 201, "{settled:?}");
    assert_eq!(shop.provider.charges(), 2);
    assert_eq!(shop.count("select count(*) from orders").await, 2);
    assert_eq!(shop.count("select sum(sold) from inventory").await, 4);
    assert_eq!(shop.count(STOCK).await, stock);
}

/// The address of the primary leads to the standby before that is promoted.
#[tokio::test]
async fn writes_resume_in_the_same_process_once_the_standby_is_promoted() {
    let mut pair = Pair::start("promoted").await;
    pair.synchronise().await;
    let shop = pair.shop.clone();
    let products = shop.plenty().await;
    let new = order(&[(&products[0], 2)], "pm_card_visa");
    assert_eq!(shop.order("before", &new).await.status, 201);
    let log_before = shop.log().await.unwrap();
    pair.primary.kill();
    let mut config = shop.config.clone();
    config.databases = databases(&pair.standby);
    config.databases.database_replica_url = Some(pair.standby.url_of("shop").into());
    let app = App::build_with(&config, platform(&shop.clock), shop.provider.clone());
    let shop = Shop {
        app: Arc::new(app.unwrap()),
        config,
        ..shop
    };
    let refused = shop.order("during", &new).await;
    assert_eq!(refused.status, 503, "{refused:?}");
    assert_eq!(refused.json()["outcome"], "not_applied");
    assert_eq!(shop.get("/products", &[]).await.status, 200);
    assert!(shop.log().await.is_err(), "whose log it will be");
    Pair::on(&pair.standby, &["select pg_promote()"]).await;
    assert_ne!(shop.log().await.unwrap(), log_before);
    let done = shop.order("during", &new).await;
    assert_eq!(done.status, 201, "{done:?}");
    let again = shop.order("before", &new).await;
    assert_eq!(again.field("idempotent-replayed"), "true");
    assert_eq!(shop.provider.charges(), 2);
    // What was the replica is the primary now, and answers as new as there is.
    let (path, _) = shop.mug("MUG-1").await;
    let token = shop
        .write("DELETE", &path, &[("if-match", "*")], "")
        .await
        .field("headgate-position")
        .to_owned();
    let gone = shop.get(&path, &[("headgate-position", &token)]).await;
    assert_eq!(gone.status, 404, "{gone:?}");
    shop.app.shop.reads.check().await;
    assert_eq!(shop.get("/products", &[]).await.status, 200);
}

#[tokio::test]
async fn what_an_asynchronous_standby_loses_is_charged_once_or_paid_back() {
    let mut pair = Pair::start("asynchronous").await;
    let shop = pair.shop.clone();
    let products = shop.plenty().await;
    let stock = shop.count(STOCK).await;
    let new = order(&[(&products[0], 2)], "pm_card_visa");
    let kept = shop.order("kept", &new).await;
    pair.cut().await;
    let retried = shop.order("retried", &new).await;
    let lost = shop.order("lost", &new).await;
    for answer in [&kept, &retried, &lost] {
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    pair.primary.kill();

    pair.take_over().await;
    let shop = &pair.shop;
    assert_eq!(shop.count("select count(*) from orders").await, 1);
    let again = shop.order("kept", &new).await;
    assert_eq!(again.body, kept.body);
    // Its row is gone. The order and the provider's key derive from the client's.
    let again = shop.order("retried", &new).await;
    assert_eq!(again.status, 201, "{again:?}");
    assert_eq!(again.field("idempotent-replayed"), "false");
    assert_eq!(again.json()["id"], retried.json()["id"]);
    assert_eq!(shop.provider.charges(), 3);

    // Nobody comes back for the third.
    shop.clock.advance_ms(SETTLING.num_milliseconds());
    let report = shop.reconcile(true).await;
    let found: Vec<_> = report
        .differences
        .iter()
        .map(|found| (found.kind, found.is_paid_back))
        .collect();
    assert_eq!(found, [(Kind::Unordered, true)], "{report:?}");
    shop.clock.advance_ms(REFUND_AFTER_SECONDS * 1_000);
    assert_eq!(shop.app.strays.step().await.unwrap(), 1);
    let reference = format!("{}-1", lost.json()["id"].as_str().unwrap());
    let total = lost.json()["total"]["amount"].as_i64().unwrap();
    assert_eq!(shop.provider.refunds(), [(reference, total)]);
    assert_eq!(shop.reconcile(true).await.differences, []);
    assert_eq!(shop.count("select sum(sold) from inventory").await, 4);
    assert_eq!(shop.count(STOCK).await, stock);
}
