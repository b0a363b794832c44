//! An edge's door that checks what it is told, and stays shut when told to.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use origin::config::Config;
use origin::platform::{Clock, SetClock};
use shared::assertion::AssertionKeys;
use shared::feed::{Notice, PATH, Untrue};

/// The door.
pub(crate) struct Door {
    keys: AssertionKeys,
    clock: Arc<SetClock>,
    told: Mutex<Vec<Notice>>,
    shut: AtomicBool,
    knocks: AtomicUsize,
    url: String,
}

impl Door {
    /// Opens one on a port of its own; it knows the keys of that configuration.
    pub(crate) async fn open(config: &Config, clock: &Arc<SetClock>) -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let door = Arc::new(Self {
            keys: config.assertion_keys().unwrap(),
            clock: clock.clone(),
            told: Mutex::default(),
            shut: AtomicBool::new(false),
            knocks: AtomicUsize::new(0),
            url: format!("http://{}", listener.local_addr().unwrap()),
        });
        let router = Router::new()
            .route(PATH, post(take))
            .with_state(door.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        door
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    pub(crate) fn shut(&self, shut: bool) {
        self.shut.store(shut, Ordering::SeqCst);
    }

    /// How often somebody came, whether it was open or not.
    pub(crate) fn knocks(&self) -> usize {
        self.knocks.load(Ordering::SeqCst)
    }

    /// What was told since the last time.
    pub(crate) fn told(&self) -> Vec<Notice> {
        std::mem::take(&mut *self.told.lock().unwrap())
    }
}

async fn take(State(door): State<Arc<Door>>, fields: HeaderMap, bytes: Bytes) -> StatusCode {
    door.knocks.fetch_add(1, Ordering::SeqCst);
    if door.shut.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let signature = fields["headgate-assertion"].to_str().unwrap();
    let now = door.clock.now().timestamp();
    if door.keys.verify_notice(signature, &bytes, now).is_err() {
        return StatusCode::UNAUTHORIZED;
    }
    let Some(notice) = Notice::read(&bytes) else {
        return StatusCode::BAD_REQUEST;
    };
    door.told.lock().unwrap().push(notice);
    StatusCode::NO_CONTENT
}

/// A notice's names: tags, URLs, records, tokens' ids and subjects as they are, `*` for everything.
pub(crate) fn names(notice: &Notice) -> Vec<&str> {
    let name = |name| match name {
        &Untrue::Everything => "*",
        Untrue::Tag(name)
        | Untrue::Url(name)
        | Untrue::Record(name)
        | Untrue::Token { id: name, .. }
        | Untrue::Subject { subject: name, .. } => name.as_str(),
    };
    notice.untrue.iter().map(name).collect()
}
