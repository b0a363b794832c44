//! An origin that answers at once: any GET of `/products/BYTES/NUMBER`, with so many bytes of JSON
//! that may be kept for an hour. It counts what it is asked.
//!
//! It runs on a thread of its own in this process, so its work is on nobody's account.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Longest head of a request that it reads, in bytes.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// The origin. It ends with the process.
pub(crate) struct Origin {
    address: SocketAddr,
    asked: Arc<AtomicU64>,
}

impl Origin {
    /// Starts it on a free port.
    pub(crate) fn start() -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?;
        let asked = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&asked);
        std::thread::Builder::new()
            .name("origin".into())
            .spawn(move || {
                runtime.block_on(async {
                    while let Ok((client, _)) = listener.accept().await {
                        let count = Arc::clone(&count);
                        // A connection that breaks is its client's to notice.
                        tokio::spawn(async move { serve(client, &count).await.ok() });
                    }
                });
            })
            .context("the origin's thread did not start")?;
        Ok(Self { address, asked })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many requests it has answered.
    pub(crate) fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }
}

/// The path of a resource of about so many bytes.
pub(crate) fn path(bytes: usize, number: u64) -> String {
    format!("/products/{bytes}/{number}")
}

/// The body of a path.
pub(crate) fn body(path: &str) -> Bytes {
    let bytes = path
        .split('/')
        .nth(2)
        .and_then(|text| text.parse::<usize>().ok())
        .unwrap_or(0);
    let head = format!("{{\"path\":\"{path}\",\"filler\":\"");
    let filler = bytes.saturating_sub(head.len() + 2);
    Bytes::from(format!("{head}{}\"}}", "x".repeat(filler)))
}

async fn serve(mut client: TcpStream, asked: &AtomicU64) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let mut read = Vec::new();
    loop {
        let end = read.windows(4).position(|four| four == b"\r\n\r\n");
        let Some(end) = end else {
            if read.len() > HEAD_BYTES_MAX || client.read_buf(&mut read).await? == 0 {
                return Ok(());
            }
            continue;
        };
        let head = String::from_utf8_lossy(&read[..end]).into_owned();
        read.drain(..end + 4);
        asked.fetch_add(1, Ordering::Relaxed);
        let body = body(head.split(' ').nth(1).unwrap_or_default());
        let length = body.len();
        let mut answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
             cache-control: max-age=3600\r\netag: \"1\"\r\n\r\n"
        )
        .into_bytes();
        answer.extend(&body);
        client.write_all(&answer).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_json_of_their_length_and_differ() {
        for (bytes, number) in [(1024, 0), (1024, 1), (65_536, 60)] {
            let path = path(bytes, number);
            let body = body(&path);
            assert_eq!(body.len(), bytes);
            let value: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(value["path"], path.as_str());
        }
    }

    #[test]
    fn it_answers_and_counts() {
        let origin = Origin::start().unwrap();
        for number in 1..=3 {
            let path = path(200, number);
            let url = format!("http://{}{path}", origin.address());
            let mut answer = ureq::get(&url).call().unwrap();
            assert_eq!(answer.body_mut().read_to_vec().unwrap(), body(&path));
            assert_eq!(origin.asked(), number);
        }
    }
}
