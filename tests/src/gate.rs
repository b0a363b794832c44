//! A TCP proxy between edge and origin that can hold back what the origin answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// The proxy. Dropping it closes every connection.
#[derive(Debug)]
pub struct Gate {
    port: u16,
    upstream: Arc<AtomicU16>,
    holding: Arc<AtomicBool>,
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
        let upstream = Arc::new(AtomicU16::new(0));
        let leads_to = Arc::clone(&upstream);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let upstream = leads_to.load(Ordering::SeqCst);
                tokio::spawn(carry(client, upstream, Arc::clone(&closed), report.clone()));
            }
        });
        Ok(Self {
            port,
            upstream,
            holding,
            held,
            accepting,
        })
    }

    /// From now on it leads to this port of this machine.
    pub fn lead_to(&self, port: u16) {
        self.upstream.store(port, Ordering::SeqCst);
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From now on answers are swallowed, and reported by [`Self::held`].
    pub fn hold(&self) {
        self.holding.store(true, Ordering::SeqCst);
    }

    /// From now on answers pass.
    pub fn pass(&self) {
        self.holding.store(false, Ordering::SeqCst);
    }

    /// Nothing listens any more.
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

async fn carry(
    client: TcpStream,
    upstream: u16,
    holding: Arc<AtomicBool>,
    report: mpsc::UnboundedSender<Vec<u8>>,
) {
    let Ok(origin) = TcpStream::connect(("127.0.0.1", upstream)).await else {
        return;
    };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_origin, mut to_origin) = origin.into_split();
    let forth = tokio::spawn(async move {
        let _ = tokio::io::copy(&mut from_client, &mut to_origin).await;
        let _ = to_origin.shutdown().await;
    });
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from_origin.read(&mut buffer).await {
        let bytes = &buffer[..length];
        if holding.load(Ordering::SeqCst) {
            let _ = report.send(bytes.to_vec());
        } else if to_client.write_all(bytes).await.is_err() {
            break;
        }
    }
    forth.abort();
}
