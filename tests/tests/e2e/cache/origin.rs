//! An origin that answers what a test tells it to, byte for byte, and remembers what it was asked.
//!
//! It speaks just enough HTTP/1.1 by itself to be independent of what it tests: one request a
//! connection.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// What it answers from now on.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// Status, fields, body of a known length.
    Whole(u16, Vec<(&'static str, String)>, String),
    /// The same, in chunks.
    Chunked(Vec<(&'static str, String)>, Vec<String>),
    /// A first part, and a second one once it is told to go on; its length is not known.
    Parts(Vec<(&'static str, String)>, [&'static str; 2], Arc<Notify>),
    /// The connection ends without a word.
    Nothing,
}

/// The origin. Dropping it closes it.
pub(crate) struct Origin {
    port: u16,
    state: Arc<Mutex<State>>,
    accepting: tokio::task::JoinHandle<()>,
}

struct State {
    reply: Reply,
    seen: Vec<String>,
}

impl Origin {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State {
            reply: Reply::Nothing,
            seen: Vec::new(),
        }));
        let shared = Arc::clone(&state);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(answer(client, Arc::clone(&shared)));
            }
        });
        Self {
            port,
            state,
            accepting,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From now on it answers so.
    pub(crate) fn say(&self, reply: Reply) {
        self.state.lock().unwrap().reply = reply;
    }

    /// Heads of the requests since the last call, in lower case.
    pub(crate) fn seen(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().seen)
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn answer(mut client: TcpStream, state: Arc<Mutex<State>>) {
    let Some(head) = request(&mut client).await else {
        return;
    };
    let bodyless = head.starts_with("head ");
    let reply = {
        let mut state = state.lock().unwrap();
        state.seen.push(head);
        state.reply.clone()
    };
    let text = match reply {
        Reply::Nothing => return,
        Reply::Whole(status, fields, body) => {
            let length = format!("content-length: {}\r\n", body.len());
            // These have no length to tell.
            let length = if matches!(status, 204 | 304) {
                ""
            } else {
                &length
            };
            let body = if bodyless { "" } else { &body };
            format!(
                "HTTP/1.1 {status} X\r\n{}{length}connection: close\r\n\r\n{body}",
                lines(&fields)
            )
        }
        Reply::Parts(fields, [first, second], go_on) => {
            let head = format!(
                "HTTP/1.1 200 X\r\n{}connection: close\r\n\r\n",
                lines(&fields)
            );
            let _ = client.write_all((head + first).as_bytes()).await;
            go_on.notified().await;
            second.to_owned()
        }
        Reply::Chunked(fields, chunks) => {
            let framed = |chunk: &String| format!("{:x}\r\n{chunk}\r\n", chunk.len());
            let body = chunks.iter().map(framed).collect::<Vec<_>>().concat();
            format!(
                "HTTP/1.1 200 X\r\n{}transfer-encoding: chunked\r\nconnection: close\r\n\r\n{body}0\r\n\r\n",
                lines(&fields)
            )
        }
    };
    // A client that is gone needs no answer.
    let _ = client.write_all(text.as_bytes()).await;
    let _ = client.shutdown().await;
}

fn lines(fields: &[(&'static str, String)]) -> String {
    let line = |(name, value): &(&str, String)| format!("{name}: {value}\r\n");
    fields.iter().map(line).collect::<Vec<_>>().concat()
}

/// Reads a request with its body, and gives its head.
async fn request(client: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = client.read(&mut buffer).await.ok()?;
        if length == 0 {
            return None;
        }
        bytes.extend_from_slice(&buffer[..length]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let head = head.to_lowercase();
        let announced = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let whole = if head.contains("transfer-encoding: chunked") {
            body.ends_with("0\r\n\r\n")
        } else {
            body.len() >= announced.unwrap_or(0)
        };
        if whole {
            return Some(head);
        }
    }
}
