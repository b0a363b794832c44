//! A shop whose reads go to a streaming replica, which can be told to stop replaying.

use sqlx::{Connection, PgConnection};
use xtask::postgres::{Cluster, Options as Postgres};

use super::database::{self, number};
use super::{Layout, Options, Shop};
use crate::build::tools;
use crate::scratch;

/// A primary, and its replica. The primary goes last.
#[derive(Debug)]
pub(super) struct Replica {
    standby: Cluster,
    _primary: Cluster,
}

impl Replica {
    fn url(&self) -> String {
        self.standby.url_of("shop")
    }
}

impl Shop {
    /// A shop of so many locations on a primary of its own with a replica.
    pub async fn start_with_replica(locations: usize) -> Self {
        let folder = scratch::of_a_shop();
        let server = |name: &str| Postgres {
            folder: folder.join(name),
            log: folder.join(format!("{name}.log")),
            ephemeral: true,
        };
        let mut primary = Cluster::start(tools(), &server("primary")).expect("Postgres starts");
        let standby = primary.standby(&server("standby")).expect("it follows");
        let database_url = primary.url_of("shop");
        database::fill(&database_url);
        let replica = Replica {
            standby,
            _primary: primary,
        };
        let layout = Layout {
            replica_url: Some(replica.url()),
            ..Layout::of(locations)
        };
        let mut shop = Self::over(folder, database_url, layout, Options::default()).await;
        shop.replica = Some(replica);
        shop
    }

    /// The replica goes on receiving, and replays nothing.
    pub async fn pause_replica(&self) {
        let mut connection = PgConnection::connect(&self.replica_url())
            .await
            .expect("the replica");
        sqlx::raw_sql("select pg_wal_replay_pause()")
            .execute(&mut connection)
            .await
            .expect("paused");
        connection.close().await.expect("closed");
        let paused = "select (pg_get_wal_replay_pause_state() = 'paused')::int::bigint";
        while self.replica_count(paused).await == 0 {}
    }

    /// A number from the replica.
    pub async fn replica_count(&self, sql: &'static str) -> i64 {
        number(&self.replica_url(), sql).await
    }

    fn replica_url(&self) -> String {
        let replica = self.replica.as_ref();
        replica.expect("a shop with a replica").url()
    }
}
