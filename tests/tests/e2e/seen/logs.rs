//! A receiver of log lines, which fails when it is told to.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;

#[derive(Default)]
struct Kept {
    lines: Mutex<Vec<Value>>,
    batches: AtomicUsize,
    fails: AtomicBool,
    failed: AtomicBool,
}

/// A running receiver.
pub(super) struct Receiver {
    kept: Arc<Kept>,
    port: u16,
}

impl Receiver {
    pub(super) async fn open() -> Self {
        let kept = Arc::new(Kept::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new()
            .route("/in", post(take))
            .with_state(kept.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { kept, port }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/in", self.port)
    }

    /// Whether it fails from now on.
    pub(super) fn fail(&self, fails: bool) {
        self.kept.fails.store(fails, Ordering::SeqCst);
    }

    /// Whether it has failed.
    pub(super) fn failed(&self) -> bool {
        self.kept.failed.load(Ordering::SeqCst)
    }

    /// All lines that it took.
    pub(super) fn lines(&self) -> Vec<Value> {
        self.kept.lines.lock().unwrap().clone()
    }

    /// In how many batches.
    pub(super) fn batches(&self) -> usize {
        self.kept.batches.load(Ordering::SeqCst)
    }
}

async fn take(State(kept): State<Arc<Kept>>, fields: HeaderMap, body: String) -> StatusCode {
    if kept.fails.load(Ordering::SeqCst) {
        kept.failed.store(true, Ordering::SeqCst);
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    if fields["content-type"] != "application/x-ndjson" {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE;
    }
    let lines: Result<Vec<Value>, _> = body.lines().map(serde_json::from_str).collect();
    let Ok(lines) = lines else {
        return StatusCode::BAD_REQUEST;
    };
    kept.batches.fetch_add(1, Ordering::SeqCst);
    kept.lines.lock().unwrap().extend(lines);
    StatusCode::NO_CONTENT
}
