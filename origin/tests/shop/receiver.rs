//! A receiver of webhooks: a real server that answers by a script, and hands on what it got.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Longest wait for a message.
const DEADLINE: Duration = Duration::from_secs(20);

/// What it answers; 204 where the script has ended.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// This status.
    Status(u16),
    /// This status and field.
    Field(u16, &'static str, String),
    /// Nothing, until it is let go; then 204.
    Held,
    /// More than anybody wants to read.
    Endless,
}

/// What it got.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Got {
    pub(crate) fn field(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

struct Script {
    replies: Mutex<HashMap<String, VecDeque<Reply>>>,
    got: UnboundedSender<Got>,
    go: Semaphore,
}

/// The receiver.
pub(crate) struct Receiver {
    script: Arc<Script>,
    got: UnboundedReceiver<Got>,
    port: u16,
}

impl Receiver {
    /// Opens one on a port of its own.
    pub(crate) async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, got) = unbounded_channel();
        let script = Arc::new(Script {
            replies: Mutex::default(),
            got: sender,
            go: Semaphore::new(0),
        });
        let router = Router::new().fallback(take).with_state(script.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { script, got, port }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// What the next requests to this path are answered.
    pub(crate) fn answers(&self, path: &str, replies: impl IntoIterator<Item = Reply>) {
        let mut scripts = self.script.replies.lock().unwrap();
        scripts.entry(path.to_owned()).or_default().extend(replies);
    }

    /// Lets so many held requests go.
    pub(crate) fn let_go(&self, count: usize) {
        self.script.go.add_permits(count);
    }

    /// The next message, which may be on its way.
    pub(crate) async fn next(&mut self) -> Got {
        let next = tokio::time::timeout(DEADLINE, self.got.recv()).await;
        next.expect("a message within the deadline").unwrap()
    }

    /// What has come meanwhile.
    pub(crate) fn all(&mut self) -> Vec<Got> {
        std::iter::from_fn(|| self.got.try_recv().ok()).collect()
    }
}

async fn take(State(script): State<Arc<Script>>, request: Request) -> Response {
    let (head, content) = request.into_parts();
    let path = head.uri.path().to_owned();
    let body = content.collect().await.unwrap().to_bytes();
    let reply = {
        let mut scripts = script.replies.lock().unwrap();
        scripts.get_mut(&path).and_then(VecDeque::pop_front)
    };
    let got = Got {
        path,
        headers: head.headers,
        body,
    };
    // A test that has seen enough may be gone.
    let _ = script.got.send(got);
    let status = |status: u16| axum::http::StatusCode::from_u16(status).unwrap();
    match reply.unwrap_or(Reply::Status(204)) {
        Reply::Status(code) => status(code).into_response(),
        Reply::Field(code, name, value) => (status(code), [(name, value)]).into_response(),
        Reply::Held => {
            script.go.acquire().await.unwrap().forget();
            status(204).into_response()
        }
        Reply::Endless => {
            let chunks = futures_util::stream::repeat_with(|| {
                Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 16 * 1024]))
            });
            axum::body::Body::from_stream(chunks).into_response()
        }
    }
}
