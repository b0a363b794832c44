//! Buckets: a Durable Object each, found by the bucket's name, so that takes are serialised.
//!
//! The object loads a state, calls [`gcra::take`] and stores what [`ahead`] says, behind the answer,
//! so that an eviction or a crash finds it on disk. A bucket that is full again is as good as none,
//! so a daily alarm removes it.

use std::cell::Cell;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;
use std::time::Duration;

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use worker::worker_sys::DurableObjectStorage;
use worker::{Delay, DurableObject, Env, Request, Response, Result, State, durable_object};

use super::parts::{Cloudflare, now_ms};
use super::{boundary, guard};
use crate::limit::{ahead, gcra, wire};
use crate::platform::{Down, Limiter as Buckets};

/// Longest wait for a bucket's answer.
const TIMEOUT_MS: u32 = 1_000;
/// The field of the object's response that holds its answer.
const FIELD: &str = "verdict";
/// The state's key in the object's storage.
const STATE: &str = "full_at_ns";
/// How long after its first take a bucket is looked at, to be removed if it is full.
const SWEEP_MS: u64 = 24 * 60 * 60 * 1000;
/// How long nobody may have asked for a bucket to count as quiet; well below an object's eviction.
const QUIET: Duration = Duration::from_secs(2);

impl Buckets for Cloudflare {
    async fn take(
        &self,
        bucket: &str,
        policy: gcra::Policy,
        cost: u32,
    ) -> Result<gcra::Verdict, Down> {
        let url = format!("http://limiter{}", wire::ask(policy, cost));
        let objects = &self.bindings.limiter;
        let asked = boundary::ask_for_field(objects, bucket, &url, FIELD, TIMEOUT_MS);
        let answer = JsFuture::from(asked.map_err(down)?).await.map_err(down)?;
        answer
            .as_string()
            .as_deref()
            .and_then(wire::read_answer)
            .ok_or(Down)
    }
}

/// Logs why a part did not answer.
#[expect(clippy::needless_pass_by_value, reason = "fits `map_err`")]
pub(super) fn down(error: JsValue) -> Down {
    worker::console_warn!("a part of the platform did not answer: {error:?}");
    Down
}

/// One bucket.
#[durable_object(alarm)]
pub struct Limiter(Rc<Bucket>);

struct Bucket {
    object: State,
    /// As it is; unset until storage was read.
    state: Cell<Option<gcra::State>>,
    /// As it was written last.
    stored: Cell<gcra::State>,
    /// Whether somebody waits for it to fall quiet.
    watched: Cell<bool>,
}

// A panic leaves nothing half-done: each state is one value, replaced whole.
impl UnwindSafe for Limiter {}
impl RefUnwindSafe for Limiter {}

impl DurableObject for Limiter {
    fn new(object: State, _env: Env) -> Self {
        Self(Rc::new(Bucket {
            object,
            state: Cell::default(),
            stored: Cell::default(),
            watched: Cell::default(),
        }))
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        guard::object(self.0.clone().answer(&request.path())).await
    }

    async fn alarm(&self) -> Result<Response> {
        guard::object(self.0.sweep()).await
    }
}

impl Bucket {
    async fn answer(self: Rc<Self>, path: &str) -> Result<Response> {
        #[cfg(feature = "test-routes")]
        super::test_routes::in_object(path);
        let Some((policy, cost)) = wire::read_ask(path) else {
            return Response::error("not a question", 400);
        };
        let before = self.load().await?;
        let now_ms = now_ms();
        let (verdict, after) = gcra::take(before, policy, cost, now_ms);
        self.state.set(Some(after));
        if let Some(state) = ahead::after_take(after, self.stored.get(), policy, now_ms) {
            self.store(state)?;
        }
        if ahead::outlives_memory(self.stored.get(), now_ms) && !self.watched.replace(true) {
            spawn_local(self.store_when_quiet());
        }
        let response = Response::empty()?;
        response.headers().set(FIELD, &wire::answer(verdict))?;
        Ok(response)
    }

    /// The state, from memory or from the disk. Awaiting the disk lets no other call in.
    async fn load(&self) -> Result<gcra::State> {
        if let Some(state) = self.state.get() {
            return Ok(state);
        }
        let found = JsFuture::from(self.storage()?.get(STATE)?).await?;
        let found = found
            .as_string()
            .and_then(|text| text.parse().ok())
            .map(gcra::State);
        if found.is_none() {
            guard::wake_in(&self.object, SWEEP_MS).await?;
        }
        // Whoever came first knows better.
        let state = self.state.get().unwrap_or_else(|| {
            self.stored.set(found.unwrap_or_default());
            self.stored.get()
        });
        self.state.set(Some(state));
        Ok(state)
    }

    fn store(&self, state: gcra::State) -> Result<()> {
        boundary::put_unconfirmed(&self.storage()?, STATE, &state.0.to_string())?;
        self.stored.set(state);
        Ok(())
    }

    /// Waits until nobody asked for a while, then writes the state as it is.
    async fn store_when_quiet(self: Rc<Self>) {
        loop {
            let before = self.state.get();
            Delay::from(QUIET).await;
            if self.state.get() == before {
                break;
            }
        }
        self.watched.set(false);
        let state = self.state.get().unwrap_or_default();
        if let Some(state) = ahead::when_quiet(state, self.stored.get(), now_ms())
            && let Err(error) = self.store(state)
        {
            worker::console_error!("a bucket could not be stored: {error}");
        }
    }

    async fn sweep(&self) -> Result<Response> {
        let full_in_ms = (self.load().await?.0 / 1_000_000).saturating_sub(now_ms());
        if full_in_ms == 0 {
            self.state.set(None);
            JsFuture::from(self.storage()?.delete_all()?).await?;
        } else {
            guard::wake_in(&self.object, full_in_ms.saturating_add(1_000)).await?;
        }
        Response::empty()
    }

    fn storage(&self) -> Result<DurableObjectStorage> {
        Ok(self.object.as_raw().storage()?)
    }
}
