//! A TCP proxy before the edge that loses requests and replies, as mobile networks do.
//!
//! Its client uses a connection for each request, so a connection's fate is its request's.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What becomes of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Whole,
    /// It never arrives.
    RequestLost,
    /// The work is done, and nobody hears of it.
    ReplyLost,
}

/// What was lost so far.
#[derive(Debug, Default)]
struct Losses {
    requests: AtomicU64,
    replies: AtomicU64,
}

/// The proxy. Dropping it closes it.
#[derive(Debug)]
pub struct Lossy {
    port: u16,
    losses: Arc<Losses>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Lossy {
    /// Opens a proxy before a port of this machine that loses so many of a hundred requests, half of
    /// them on the way back. The seed decides which.
    pub async fn open(upstream: u16, percent: u64, seed: u64) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let losses = Arc::new(Losses::default());
        let counted = Arc::clone(&losses);
        let accepting = tokio::spawn(async move {
            let mut number = seed;
            while let Ok((client, _)) = listener.accept().await {
                number = number.wrapping_add(1);
                let fate = fate(number, percent);
                tokio::spawn(carry(client, upstream, fate, Arc::clone(&counted)));
            }
        });
        Ok(Self {
            port,
            losses,
            accepting,
        })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How many requests and how many replies it lost.
    pub fn lost(&self) -> (u64, u64) {
        let count = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
        (count(&self.losses.requests), count(&self.losses.replies))
    }
}

impl Drop for Lossy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// `SplitMix64`, so that a run can be had again.
fn fate(number: u64, percent: u64) -> Fate {
    let mut mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    match (mixed ^ (mixed >> 31)) % 200 {
        dice if dice < percent => Fate::RequestLost,
        dice if dice < 2 * percent => Fate::ReplyLost,
        _ => Fate::Whole,
    }
}

async fn carry(mut client: TcpStream, upstream: u16, fate: Fate, losses: Arc<Losses>) {
    if fate == Fate::RequestLost {
        // What came is read, so that the client has sent it before it learns that it is lost.
        let mut first = [0; 1024];
        let _ = client.read(&mut first).await;
        losses.requests.fetch_add(1, Ordering::SeqCst);
        return;
    }
    let Ok(mut edge) = TcpStream::connect(("127.0.0.1", upstream)).await else {
        return;
    };
    if fate == Fate::Whole {
        let _ = tokio::io::copy_bidirectional(&mut client, &mut edge).await;
        return;
    }
    let (mut from_client, mut to_client) = client.split();
    let (mut from_edge, mut to_edge) = edge.split();
    let forth = tokio::io::copy(&mut from_client, &mut to_edge);
    let mut first = [0; 1024];
    tokio::select! {
        _ = forth => {}
        _ = from_edge.read(&mut first) => {}
    }
    losses.replies.fetch_add(1, Ordering::SeqCst);
    let _ = to_client.shutdown().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_is_lost_half_of_it_on_the_way_back() {
        let fates: Vec<_> = (0..10_000).map(|number| fate(number, 30)).collect();
        for (lost, expected) in [(Fate::RequestLost, 1_500), (Fate::ReplyLost, 1_500)] {
            let count = fates.iter().filter(|fate| **fate == lost).count();
            assert!(count.abs_diff(expected) < 200, "{count} of {expected}");
        }
        assert!((0..1_000).all(|number| fate(number, 0) == Fate::Whole));
    }
}
