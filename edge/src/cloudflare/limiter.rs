//! Buckets: a Durable Object each, found by the bucket's name, so that takes are serialised.
//!
//! The object loads a state, calls [`gcra::take`] and stores what it returns. The state lives in
//! memory and is written behind the answer: an eviction, which follows ten idle seconds, finds it
//! on disk. A bucket that is full again is as good as none, so a daily alarm removes it.

use std::cell::Cell;
use std::panic::UnwindSafe;

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use worker::worker_sys::DurableObjectStorage;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

use super::parts::{Cloudflare, now_ms};
use super::{boundary, guard};
use crate::limit::{gcra, wire};
use crate::platform::{Down, Limiter as Buckets};

/// Longest wait for a bucket's answer.
const TIMEOUT_MS: u32 = 1_000;
/// The field of the object's response that holds its answer.
const FIELD: &str = "verdict";
/// The state's key in the object's storage.
const STATE: &str = "full_at_ns";
/// How long after its first take a bucket is looked at, to be removed if it is full.
const SWEEP_MS: u64 = 24 * 60 * 60 * 1000;

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
pub struct Limiter {
    object: State,
    /// As in storage, once it was read.
    state: Cell<Option<gcra::State>>,
}

// A panic leaves nothing half-done: the state is one value, replaced whole.
impl UnwindSafe for Limiter {}
impl std::panic::RefUnwindSafe for Limiter {}

impl DurableObject for Limiter {
    fn new(state: State, _env: Env) -> Self {
        Self {
            object: state,
            state: Cell::new(None),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        guard::object(self.take(&request.path())).await
    }

    async fn alarm(&self) -> Result<Response> {
        guard::object(self.sweep()).await
    }
}

impl Limiter {
    async fn take(&self, path: &str) -> Result<Response> {
        #[cfg(feature = "test-routes")]
        super::test_routes::in_object(path);
        let Some((policy, cost)) = wire::read_ask(path) else {
            return Response::error("not a question", 400);
        };
        let before = self.load().await?;
        let (verdict, after) = gcra::take(before, policy, cost, now_ms());
        if after != before {
            self.state.set(Some(after));
            boundary::put_unconfirmed(&self.storage()?, STATE, &after.0.to_string())?;
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
        let stored = JsFuture::from(self.storage()?.get(STATE)?).await?;
        let stored = stored
            .as_string()
            .and_then(|text| text.parse().ok())
            .map(gcra::State);
        if stored.is_none() {
            guard::wake_in(&self.object, SWEEP_MS).await?;
        }
        // Whoever came first has told the state already.
        let state = self.state.get().or(stored).unwrap_or_default();
        self.state.set(Some(state));
        Ok(state)
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
