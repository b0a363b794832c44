//! SQS does what every queue has to: against moto, which answers as Amazon does.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use origin::queue::sqs::Sqs;
use origin::queue::{Broker, Queue};
use tests::build::tools;
use tests::scratch;
use tests::wait::until_within;
use xtask::peers;
use xtask::progress::Progress;

use crate::conformance::{carries_everything, database, delivery, keeps_its_word, next, numbers};
use crate::consumers;

/// A server that ends with the test.
struct Server {
    process: Child,
    port: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    /// One with nothing in it; `None` where there is none to be had.
    async fn start(name: &str) -> Option<Self> {
        let environment = tools().environment();
        let peer = peers::moto(environment, Progress::shown()).expect("nobody interrupts");
        let python = peer.or_skip(environment.ci).expect("moto")?;
        let file = scratch::folder().join(format!("{name}.port"));
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/events/sqs_server.py");
        let process = Command::new(python)
            .arg(script)
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let port = until_within(60, "the server's port", || async {
            std::fs::read_to_string(&file).ok()
        })
        .await;
        Some(Self { process, port })
    }

    /// As a queue, whose takes don't wait: the server does one thing at a time.
    fn queue(&self) -> Sqs {
        let url = format!("sqs+http://key:secret@127.0.0.1:{}/tests", self.port);
        let queue = Sqs::new(&url).expect("a URL");
        queue.with_take_wait(Duration::ZERO)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_carries_everything() {
    let Some(server) = Server::start("sqs-carries").await else {
        return;
    };
    let pool = database("sqs_carries").await;
    carries_everything(&pool, || Some(Arc::new(server.queue()))).await;
}

#[tokio::test]
async fn it_keeps_its_word() {
    let Some(server) = Server::start("sqs-keeps").await else {
        return;
    };
    let (one, other) = (server.queue(), server.queue());
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

#[tokio::test]
async fn nobody_takes_what_follows_while_the_rest_of_an_aggregate_is_somebodys() {
    let Some(server) = Server::start("sqs-groups").await else {
        return;
    };
    let (one, other) = (server.queue(), server.queue());
    let consumers = consumers::all();
    let consumer = consumers[0].as_ref();
    let name = consumer.name();
    one.open(&[name]).await.expect("it opens");
    // More than are given out at once.
    let events: Vec<_> = (1..=12).map(|number| delivery(1, number)).collect();
    one.publish(name, &events).await.expect("it takes them");
    let first = next(&one, consumer).await;
    let numbered = |from: i64, to: i64| -> Vec<_> { (from..=to).map(|at| (1, at)).collect() };
    assert_eq!(numbers(&first), numbered(1, 10));
    let theirs = other.take(consumer).await.expect("it can be asked");
    assert!(
        theirs.is_none(),
        "{:?}",
        theirs.map(|batch| numbers(&batch))
    );
    one.settle(name, first).await.expect("it can be settled");
    assert_eq!(numbers(&next(&other, consumer).await), numbered(11, 12));
}
