//! A primary with a replica that streams from it, one pair for the whole binary and one test at a time.

use std::sync::{Arc, OnceLock};

use origin::config::Databases;
use shared::feed::Position;
use sqlx::postgres::PgPool;
use tokio::sync::{Mutex, MutexGuard};
use tokio::task::JoinHandle;
use xtask::postgres::{Cluster, Options};
use xtask::progress::Progress;
use xtask::tools::Tools;

use crate::harness::{Shop, folder};
use crate::provider::Provider;

struct Clusters {
    primary: Cluster,
    replica: Cluster,
    databases: u32,
}

/// The pair, while a test has it.
pub(super) struct Pair {
    clusters: MutexGuard<'static, Clusters>,
    primary: PgPool,
    replica: PgPool,
}

fn start() -> Clusters {
    let tools = Tools::ensure(Progress::quiet()).unwrap();
    let options = |name: &str| Options {
        folder: folder().join(name),
        log: folder().join(format!("{name}.log")),
        ephemeral: true,
    };
    let mut primary = Cluster::start(&tools, &options("primary")).unwrap();
    let replica = primary.standby(&options("replica")).unwrap();
    Clusters {
        primary,
        replica,
        databases: 0,
    }
}

/// A number from a database.
pub(super) async fn number<'c>(from: impl sqlx::PgExecutor<'c>, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(from).await.unwrap()
}

impl Pair {
    pub(super) async fn lock() -> Self {
        static PAIR: OnceLock<Mutex<Clusters>> = OnceLock::new();
        let mut clusters = PAIR.get_or_init(|| Mutex::new(start())).lock().await;
        clusters.databases += 1;
        // A test that failed may have left it so.
        let primary = PgPool::connect_lazy(&clusters.primary.url_of("postgres")).unwrap();
        let replica = PgPool::connect_lazy(&clusters.replica.url_of("postgres")).unwrap();
        let pair = Self {
            clusters,
            primary,
            replica,
        };
        pair.resume().await;
        pair.let_commits_go().await;
        pair
    }

    /// A shop of its own on the pair.
    pub(super) async fn shop(&self) -> Shop {
        let name = format!("pair_{}", self.clusters.databases);
        let databases = Databases {
            database_url: self.clusters.primary.url_of(&name).into(),
            database_replica_url: Some(self.clusters.replica.url_of(&name).into()),
            pool_connections_max: Some(4),
        };
        let provider = Arc::new(Provider::default());
        Shop::open_on(databases, provider.clone(), provider).await
    }

    /// Where the replica is reached for the shop that opens next, and its port.
    pub(super) fn replica_address(&self) -> (String, u16) {
        let name = format!("pair_{}", self.clusters.databases);
        let url = self.clusters.replica.url_of(&name);
        let port = url.rsplit_once('/').unwrap().0;
        let port = port.rsplit_once(':').unwrap().1.parse().unwrap();
        (url, port)
    }

    /// The replica goes on receiving, and replays nothing.
    pub(super) async fn pause(&self) {
        self.ask("select pg_wal_replay_pause()").await;
        let paused = "select (pg_get_wal_replay_pause_state() = 'paused')::int::bigint";
        while number(&self.replica, paused).await == 0 {}
    }

    pub(super) async fn resume(&self) {
        self.ask("select pg_wal_replay_resume()").await;
    }

    async fn ask(&self, sql: &'static str) {
        sqlx::query(sql).execute(&self.replica).await.unwrap();
    }

    /// Waits until the replica has replayed up to that place.
    pub(super) async fn caught_up(&self, shop: &Shop, position: Position) {
        // Somebody's commit brings along what was not flushed yet.
        sqlx::query("select pg_current_xact_id()")
            .execute(&shop.app.shop.pool)
            .await
            .unwrap();
        let replayed = "select (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint";
        while number(&self.replica, replayed).await < i64::try_from(position.0).unwrap() {}
    }

    /// Makes the mug dearer by a commit that is written and can't be seen until
    /// [`Self::let_commits_go`].
    pub(super) async fn commit_unseen(&self, shop: &Shop) -> JoinHandle<()> {
        self.set("alter system set synchronous_standby_names = 'nobody'")
            .await;
        // The setting arrives a moment later: from the first commit that waits on, all do.
        while !self.waits(shop, "select pg_current_xact_id()", 1).await.0 {}
        let sql = "update products set price_amount = 3100 where sku = 'MUG-1'";
        let (waits, commit) = self.waits(shop, sql, 2).await;
        assert!(waits);
        commit
    }

    /// Starts a commit, and says whether it waits as one of that many.
    async fn waits(&self, shop: &Shop, sql: &'static str, many: i64) -> (bool, JoinHandle<()>) {
        let pool = shop.app.shop.pool.clone();
        let commit = tokio::spawn(async move {
            sqlx::query(sql).execute(&pool).await.unwrap();
        });
        let waiting = "select count(*) from pg_stat_activity where wait_event = 'SyncRep'";
        while !commit.is_finished() {
            if number(&self.primary, waiting).await == many {
                return (true, commit);
            }
        }
        (false, commit)
    }

    pub(super) async fn let_commits_go(&self) {
        self.set("alter system reset synchronous_standby_names")
            .await;
    }

    async fn set(&self, sql: &'static str) {
        for sql in [sql, "select pg_reload_conf()"] {
            sqlx::query(sql).execute(&self.primary).await.unwrap();
        }
    }
}
