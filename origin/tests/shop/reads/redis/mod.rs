//! A Redis that origins share, as Debian has it.

mod ill;
mod keeping;
mod sharing;
mod tls;

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use origin::app::App;
use origin::platform::Platform;
use tempfile::TempDir;
use xtask::environment::Environment;
use xtask::process::{self, Running, Signal};
use xtask::progress::Progress;
use xtask::{peers, ports, wait};

use crate::harness::{Shop, platform};

/// How long the server may take to start.
const READY_MAX: Duration = Duration::from_secs(30);

/// A server that may be down.
struct Redis {
    program: PathBuf,
    folder: TempDir,
    port: u16,
    running: Option<Running>,
}

impl Redis {
    /// One that runs, where it can be had.
    fn start() -> Option<Self> {
        let mut redis = Self::prepare()?;
        redis.run();
        Some(redis)
    }

    /// One that does not run yet.
    fn prepare() -> Option<Self> {
        let environment = Environment::read();
        let peer = peers::redis_server(&environment, Progress::shown()).unwrap();
        Some(Self {
            program: peer.or_skip(environment.ci).unwrap()?,
            folder: tempfile::tempdir().unwrap(),
            port: ports::free().unwrap(),
            running: None,
        })
    }

    fn run(&mut self) {
        let port = self.port.to_string();
        self.run_with(&["--port", &port]);
    }

    /// Runs it, with nothing of what it held before.
    fn run_with(&mut self, listening: &[&str]) {
        let mut command = Command::new(&self.program);
        command
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .arg("--dir")
            .arg(self.folder.path())
            .args(listening);
        let log = self.folder.path().join("log");
        let mut running = Running::start("Redis", &mut command, &log, Signal::TERM).unwrap();
        wait::until(READY_MAX, "Redis answers", || {
            running.check()?;
            Ok(std::net::TcpStream::connect(("127.0.0.1", self.port)).ok())
        })
        .unwrap();
        self.running = Some(running);
    }

    /// Kills it, as a crash would.
    fn kill(&mut self) {
        self.running.take().unwrap().kill();
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// What `redis-cli` answers.
    fn ask(&self, words: &[&str]) -> String {
        let mut command = Command::new(self.program.with_file_name("redis-cli"));
        command.args(["-p", &self.port.to_string()]).args(words);
        let said = process::run("redis-cli", &mut command, "It must answer.").unwrap();
        said.trim_end().to_owned()
    }

    /// Has an administrator tell it that, and cuts off whoever is connected, since a password is only asked of
    /// those who come.
    fn order(&self, words: &str) {
        let words: Vec<_> = words
            .split(' ')
            .map(|word| word.trim_matches('"'))
            .collect();
        self.ask(&[&["-a", "x"], &*words].concat());
        self.ask(&["-a", "x", "CLIENT", "KILL", "TYPE", "normal"]);
    }

    /// The keys of products, sorted.
    fn keys(&self) -> Vec<String> {
        let said = self.ask(&["KEYS", "headgate:*:product:*"]);
        let mut keys: Vec<_> = said.lines().map(str::to_owned).collect();
        keys.retain(|key| !key.is_empty());
        keys.sort();
        keys
    }

    /// The one key that there is.
    fn key(&self) -> String {
        let keys = self.keys();
        assert_eq!(keys.len(), 1, "{keys:?}");
        keys[0].clone()
    }
}

impl Shop {
    /// Another origin of the shop's, which shares that cache and has found it.
    async fn sharing(&self, url: &str) -> Self {
        self.sharing_as(url, platform(&self.clock)).await
    }

    async fn sharing_as(&self, url: &str, platform: Platform) -> Self {
        let mut config = self.config.clone();
        config.cache_url = Some(url.to_owned().into());
        let app = App::build_with(&config, platform, self.provider.clone()).unwrap();
        let shop = Self {
            app: Arc::new(app),
            config,
            ..self.clone()
        };
        shop.app.shop.reads.check().await;
        shop
    }

    /// How many looks into the cache came to that.
    async fn looks(&self, outcome: &str) -> i64 {
        let name = format!("headgate_redis_lookups_total{{outcome=\"{outcome}\"}}");
        self.figure(&name).await
    }

    /// Makes the mug dearer, and nobody hears of it.
    async fn dearer_unheard(&self) {
        sqlx::query("update products set price_amount = 3100 where sku = 'MUG-1'")
            .execute(&self.app.shop.pool)
            .await
            .unwrap();
    }
}
