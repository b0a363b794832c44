//! Mail through a real server: once, after an outage, and not at all where it is refused.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use origin::app::App;
use serde_json::json;
use shared::id::EventId;
use tempfile::TempDir;
use xtask::environment::Environment;
use xtask::process::{Running, Signal};
use xtask::progress::Progress;
use xtask::{peers, ports, wait};

use crate::harness::{Shop, order, platform};

/// How long the server may take to start.
const READY_MAX: Duration = Duration::from_secs(30);

/// A mail server that may be down.
struct Server {
    python: std::path::PathBuf,
    folder: TempDir,
    port: u16,
    running: Option<Running>,
}

impl Server {
    /// One that does not run yet, where it can be had.
    fn prepare() -> Option<Self> {
        let environment = Environment::read();
        let peer = peers::aiosmtpd(&environment, Progress::shown()).unwrap();
        Some(Self {
            python: peer.or_skip(environment.ci).unwrap()?,
            folder: tempfile::tempdir().unwrap(),
            port: ports::free().unwrap(),
            running: None,
        })
    }

    fn start(&mut self) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shop/mail/server.py");
        let mut command = Command::new(&self.python);
        command
            .arg(script)
            .arg(self.folder.path())
            .arg(self.port.to_string());
        let log = self.folder.path().join("log");
        let mut running =
            Running::start("a mail server", &mut command, &log, Signal::TERM).unwrap();
        wait::until(READY_MAX, "the mail server answers", || {
            running.check()?;
            Ok(std::net::TcpStream::connect(("127.0.0.1", self.port)).ok())
        })
        .unwrap();
        self.running = Some(running);
    }

    fn busy(&self, busy: bool) {
        let sign = self.folder.path().join("busy");
        if busy {
            std::fs::write(sign, "").unwrap();
        } else {
            std::fs::remove_file(sign).unwrap();
        }
    }

    /// What it has kept.
    fn mails(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut mails: Vec<_> = entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|kind| kind == "eml"))
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect();
        mails.sort();
        mails
    }

    /// The shop, with this server to send by.
    fn origin(&self, shop: &Shop) -> App {
        let mut config = shop.config.clone();
        config.mail.smtp_url = Some(format!("smtp://127.0.0.1:{}", self.port).into());
        App::build_with(&config, platform(&shop.clock), shop.provider.clone()).unwrap()
    }
}

async fn carry(app: &App) {
    while app.relay.step().await.unwrap() > 0 {}
}

/// Orders under these keys; each is answered as ever.
async fn orders(shop: &Shop, keys: &[&str]) {
    let products = shop.plenty().await;
    for key in keys {
        let new = order(&[(&products[0], 1)], "pm_card_visa");
        assert_eq!(shop.order(key, &new).await.status, 201);
    }
}

#[tokio::test]
async fn a_mail_arrives_once_in_both_forms() {
    let Some(mut server) = Server::prepare() else {
        return;
    };
    server.start();
    let shop = Shop::open().await;
    orders(&shop, &["a"]).await;
    let app = server.origin(&shop);
    carry(&app).await;
    carry(&app).await;
    let mails = server.mails();
    assert_eq!(mails.len(), 1, "{mails:?}");
    let event: uuid::Uuid =
        sqlx::query_scalar("select id from outbox where type = 'order.confirmed'")
            .fetch_one(&shop.app.shop.pool)
            .await
            .unwrap();
    let event = EventId::from_uuid(event);
    for part in [
        &format!("Message-ID: <{event}@headgate.example>"),
        "Subject: Your order ord_",
        "To: \"Ada Lovelace\" <ada@example.com>",
        "multipart/alternative",
        "text/plain",
        "text/html",
    ] {
        assert!(mails[0].contains(part), "{part}: {}", mails[0]);
    }
}

#[tokio::test]
async fn while_the_server_is_down_orders_go_on_and_mail_arrives_after() {
    let Some(mut server) = Server::prepare() else {
        return;
    };
    let shop = Shop::open().await;
    let app = server.origin(&shop);
    for minute in 0..10 {
        orders(&shop, &[&format!("minute {minute}")]).await;
        carry(&app).await;
        shop.clock.advance_ms(60_000);
    }
    let waiting = "select count(*) from deliveries where consumer = 'email' and attempts > 0";
    assert_eq!(shop.count(waiting).await, 10);
    assert_eq!(shop.count("select count(*) from dead_letters").await, 0);
    server.start();
    // The longest pause between two tries.
    shop.clock.advance_ms(600_000);
    carry(&app).await;
    carry(&app).await;
    let mails = server.mails();
    assert_eq!(mails.len(), 10, "{mails:?}");
    let mut ids: Vec<_> = mails
        .iter()
        .filter_map(|mail| mail.lines().find(|line| line.starts_with("Message-ID")))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 10, "{ids:?}");
    assert_eq!(shop.count("select count(*) from deliveries").await, 0);
}

#[tokio::test]
async fn what_is_put_off_arrives_and_what_is_refused_is_a_dead_letter() {
    let Some(mut server) = Server::prepare() else {
        return;
    };
    server.start();
    let shop = Shop::open().await;
    let app = server.origin(&shop);
    server.busy(true);
    orders(&shop, &["a"]).await;
    carry(&app).await;
    let waiting = "select count(*) from deliveries where consumer = 'email' and not dead";
    assert_eq!((shop.count(waiting).await, server.mails().len()), (1, 0));
    server.busy(false);
    shop.clock.advance_ms(1_000);
    carry(&app).await;
    assert_eq!((shop.count(waiting).await, server.mails().len()), (0, 1));
    sqlx::query("update users set email = 'unknown@example.com' where email = 'ada@example.com'")
        .execute(&shop.app.shop.pool)
        .await
        .unwrap();
    orders(&shop, &["b"]).await;
    carry(&app).await;
    assert_eq!((shop.count(waiting).await, server.mails().len()), (0, 1));
    let (reason, error, attempts): (String, String, i32) =
        sqlx::query_as("select reason, error, attempts from dead_letters where consumer = 'email'")
            .fetch_one(&shop.app.shop.pool)
            .await
            .unwrap();
    assert_eq!(json!([reason, attempts]), json!(["permanent", 1]));
    assert!(error.contains("nobody of that name"), "{error}");
}
