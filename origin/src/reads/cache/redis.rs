//! The shared cache in a Redis, or in what speaks its protocol and runs its scripts: one server, or an address
//! that leads to the one that takes writes. Nodes of a Redis Cluster are not looked for.
//!
//! One connection carries everybody's questions. After whatever fails it is given up, so that the next check
//! makes another: an address may lead to another server by then.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context;
use async_trait::async_trait;
use redis::aio::MultiplexedConnection;
use redis::io::tcp::TcpSettings;
use redis::{AsyncConnectionConfig, Client, IntoConnectionInfo, RedisError, Script};

use super::{Server, Stored};

/// How long it may take to connect, TLS and password included.
const CONNECT_WITHIN: Duration = Duration::from_secs(1);
/// How long an answer may take: above what the way to a server nearby takes, and below what asking the
/// database costs at its worst.
const ANSWER_WITHIN: Duration = Duration::from_millis(50);
/// What is answered to who asks for a text where none is.
const NO_TEXT: &str = "WRONGTYPE";

/// A Redis.
pub(super) struct Redis {
    client: Client,
    connecting: AsyncConnectionConfig,
    connection: Mutex<Option<MultiplexedConnection>>,
    put: Script,
}

impl Redis {
    /// The one of a URL, `redis://` or `rediss://`. It connects when it is told to.
    pub(super) fn new(url: &str) -> anyhow::Result<Self> {
        let server = url.into_connection_info().context(
            "CACHE_URL can't be read. It is `redis://[[USER]:PASSWORD@]HOST[:PORT][/NUMBER]`, or the same \
             with `rediss:` over TLS; in user and password, other characters than letters and digits are \
             written as `%` and two hex digits.",
        )?;
        // Else a question would wait until the one before it is acknowledged.
        let tcp = TcpSettings::default().set_nodelay(true);
        Ok(Self {
            client: Client::open(server.set_tcp_settings(tcp))?,
            connecting: AsyncConnectionConfig::new()
                .set_connection_timeout(Some(CONNECT_WITHIN))
                .set_response_timeout(Some(ANSWER_WITHIN)),
            connection: Mutex::new(None),
            put: Script::new(include_str!("put.lua")),
        })
    }

    fn held(&self) -> MutexGuard<'_, Option<MultiplexedConnection>> {
        let held = self.connection.lock();
        held.unwrap_or_else(PoisonError::into_inner)
    }

    fn connection(&self) -> anyhow::Result<MultiplexedConnection> {
        self.held().clone().context("it is not connected")
    }

    fn given_up(&self, error: RedisError) -> anyhow::Error {
        *self.held() = None;
        error.into()
    }
}

#[async_trait]
impl Server for Redis {
    async fn connect(&self) -> anyhow::Result<()> {
        if self.held().is_some() {
            return Ok(());
        }
        let connection = self
            .client
            .get_multiplexed_async_connection_with_config(&self.connecting)
            .await?;
        *self.held() = Some(connection);
        Ok(())
    }

    async fn get(&self, key: &str, bytes_max: usize) -> anyhow::Result<Stored> {
        let mut connection = self.connection()?;
        // No more than that comes over the network, whatever stands there.
        let text = redis::cmd("GETRANGE")
            .arg(key)
            .arg(0)
            .arg(bytes_max.saturating_sub(1))
            .query_async::<Vec<u8>>(&mut connection)
            .await;
        match text {
            Ok(text) if text.is_empty() => Ok(Stored::Nothing),
            Ok(text) => Ok(Stored::Text(text)),
            Err(error) if error.code() == Some(NO_TEXT) => Ok(Stored::Foreign),
            Err(error) => Err(self.given_up(error)),
        }
    }

    async fn put(&self, keys: &[String], entry: &[u8], keep: Duration) -> anyhow::Result<()> {
        let mut connection = self.connection()?;
        let keep_ms = u64::try_from(keep.as_millis()).unwrap_or(u64::MAX);
        let mut put = self.put.prepare_invoke();
        put.key(keys).arg(entry).arg(keep_ms.max(1));
        let done = put.invoke_async::<()>(&mut connection).await;
        done.map_err(|error| self.given_up(error))
    }

    async fn remove(&self, key: &str) -> anyhow::Result<()> {
        let mut connection = self.connection()?;
        let mut remove = redis::cmd("DEL");
        let done = remove.arg(key).query_async::<()>(&mut connection).await;
        done.map_err(|error| self.given_up(error))
    }
}
