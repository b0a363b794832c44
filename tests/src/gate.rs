//! A TCP proxy between edge and origin that can hold back what the origin answers.

use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// The proxy. Dropping it closes every connection.
#[derive(Debug)]
pub struct Gate {
    port: u16,
    upstream: Arc<AtomicU16>,
    holding: Arc<AtomicBool>,
    failing: Arc<AtomicBool>,
    paused: watch::Sender<bool>,
    asked: Arc<Mutex<Vec<String>>>,
    held: mpsc::UnboundedReceiver<Vec<u8>>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Gate {
    /// Opens a gate that leads nowhere yet, so that edge and origin can know each other's addresses
    /// before either listens.
    pub async fn open() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let holding = Arc::new(AtomicBool::new(false));
        let (report, held) = mpsc::unbounded_channel();
        let closed = Arc::clone(&holding);
        let failing = Arc::new(AtomicBool::new(false));
        let fails = Arc::clone(&failing);
        let upstream = Arc::new(AtomicU16::new(0));
        let leads_to = Arc::clone(&upstream);
        let (paused, pausing) = watch::channel(false);
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let asking = Arc::clone(&asked);
        let accepting = tokio::spawn(async move {
            // They end with this task.
            let mut ways = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                while ways.try_join_next().is_some() {}
                let upstream = leads_to.load(Ordering::SeqCst);
                let asking = Arc::clone(&asking);
                let closed = Arc::clone(&closed);
                let way = Way {
                    holding: closed,
                    failing: Arc::clone(&fails),
                    paused: pausing.clone(),
                    asked: asking,
                    report: report.clone(),
                };
                ways.spawn(carry(client, upstream, way));
            }
        });
        Ok(Self {
            port,
            upstream,
            holding,
            failing,
            paused,
            asked,
            held,
            accepting,
        })
    }

    /// From now on it leads to this port of this machine.
    pub fn lead_to(&self, port: u16) {
        self.upstream.store(port, Ordering::SeqCst);
    }

    /// The port on which it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How often the origin was asked for this path.
    pub fn asked(&self, path: &str) -> usize {
        let asked = self.asked.lock().expect("nobody panicked");
        asked.iter().filter(|target| *target == path).count()
    }

    /// From now on answers wait.
    pub fn pause(&self) {
        self.paused.send_replace(true);
    }

    /// From now on they go on.
    pub fn resume(&self) {
        self.paused.send_replace(false);
    }

    /// From now on answers are swallowed, and reported by [`Self::held`].
    pub fn hold(&self) {
        self.holding.store(true, Ordering::SeqCst);
    }

    /// From now on answers pass.
    pub fn pass(&self) {
        self.holding.store(false, Ordering::SeqCst);
    }

    /// Whether every answer is a 500 in place of the origin's, from now on.
    pub fn fail(&self, fails: bool) {
        self.failing.store(fails, Ordering::SeqCst);
    }

    /// Nothing listens any more, and what was open is closed.
    pub async fn close(&mut self) {
        self.accepting.abort();
        // Cancelled, as was asked for: from here on the port is closed.
        let _ = (&mut self.accepting).await;
    }

    /// The next bytes that the origin answered and nobody got.
    pub async fn held(&mut self) -> Option<Vec<u8>> {
        self.held.recv().await
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// In place of an answer. Answers come in one piece, as heads do.
const FAILURE: &[u8] = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";

/// What a connection needs of the gate.
struct Way {
    holding: Arc<AtomicBool>,
    failing: Arc<AtomicBool>,
    paused: watch::Receiver<bool>,
    asked: Arc<Mutex<Vec<String>>>,
    report: mpsc::UnboundedSender<Vec<u8>>,
}

async fn carry(client: TcpStream, upstream: u16, way: Way) {
    let Way {
        holding,
        failing,
        mut paused,
        asked,
        report,
    } = way;
    let Ok(origin) = TcpStream::connect(("127.0.0.1", upstream)).await else {
        return;
    };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_origin, mut to_origin) = origin.into_split();
    let forth = tokio::spawn(async move {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = from_client.read(&mut buffer).await {
            let bytes = &buffer[..length];
            if let Some(target) = target(bytes) {
                asked.lock().expect("nobody panicked").push(target);
            }
            if to_origin.write_all(bytes).await.is_err() {
                break;
            }
        }
        let _ = to_origin.shutdown().await;
    });
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from_origin.read(&mut buffer).await {
        let mut bytes = &buffer[..length];
        if failing.load(Ordering::SeqCst) {
            bytes = FAILURE;
        }
        if paused.wait_for(|paused| !paused).await.is_err() {
            break;
        }
        if holding.load(Ordering::SeqCst) {
            let _ = report.send(bytes.to_vec());
        } else if to_client.write_all(bytes).await.is_err() {
            break;
        }
    }
    forth.abort();
}

/// What is asked for, if a request begins here. Heads come in one piece.
fn target(bytes: &[u8]) -> Option<String> {
    let line = bytes.split(|byte| *byte == b'\r').next()?;
    let line = std::str::from_utf8(line).ok()?;
    let mut words = line.split(' ');
    let (_, target, version) = (words.next()?, words.next()?, words.next()?);
    (version == "HTTP/1.1").then(|| target.to_owned())
}
