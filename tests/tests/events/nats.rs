//! JetStream does what every queue has to: against a server of the test's own.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use origin::queue::nats::Nats;
use origin::queue::{Broker, Queue};
use tests::build::tools;
use tests::scratch;
use tests::wait::until_within;
use xtask::peers;
use xtask::progress::Progress;

use crate::conformance::{carries_everything, database, delivery, keeps_its_word};
use crate::consumers;

/// A server that ends with the test.
struct Server {
    process: Child,
    url: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A server with nothing in it; `None` where there is none to be had.
async fn server(name: &str) -> Option<Server> {
    let environment = tools().environment();
    let peer = peers::nats_server(environment, Progress::shown()).expect("nobody interrupts");
    let program = peer.or_skip(environment.ci).expect("nats-server")?;
    let folder = scratch::folder().join(name);
    // It writes down which port it took.
    let process = Command::new(program)
        .args(["--jetstream", "--addr", "127.0.0.1", "--port", "-1"])
        .arg("--store_dir")
        .arg(&folder)
        .arg("--ports_file_dir")
        .arg(scratch::folder())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let ports = scratch::folder().join(format!("nats-server_{}.ports", process.id()));
    let url = until_within(20, "the server's port", || async {
        let text = std::fs::read_to_string(&ports).ok()?;
        let ports: serde_json::Value = serde_json::from_str(&text).ok()?;
        ports["nats"][0].as_str().map(str::to_owned)
    })
    .await;
    Some(Server { process, url })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_carries_everything() {
    let Some(server) = server("nats-carries").await else {
        return;
    };
    let pool = database("nats_carries").await;
    carries_everything(&pool, || Some(Arc::new(Nats::new(&server.url)))).await;
}

#[tokio::test]
async fn it_keeps_its_word() {
    let Some(server) = server("nats-keeps").await else {
        return;
    };
    let (one, other) = (Nats::new(&server.url), Nats::new(&server.url));
    let consumers = consumers::all();
    let consumer = consumers[0].as_ref();
    one.open(&[consumer.name()]).await.expect("it opens");
    other
        .open(&[consumer.name()])
        .await
        .expect("it opens twice");
    let events = [delivery(1, 1), delivery(1, 2)];
    // Twice, as behind a lost reply.
    for _ in 0..2 {
        one.publish(consumer.name(), &events)
            .await
            .expect("it takes them");
    }
    keeps_its_word(&one as &dyn Queue, &other, consumer).await;
}
