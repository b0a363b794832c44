//! What an account used of deprecated versions: a Durable Object each.
//!
//! The object loads its state, calls [`usage::note`] and stores what it returns. A monthly alarm
//! removes what nothing was added to for [`usage::KEEP_DAYS`].

use std::panic::{RefUnwindSafe, UnwindSafe};

use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;
use worker::worker_sys::DurableObjectStorage;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

use super::caller::down;
use super::parts::{Cloudflare, now_ms};
use super::{boundary, guard};
use crate::platform::{Down, Usage as Uses};
use crate::usage::wire::{self, Ask};
use crate::usage::{self, Use, What};

/// Longest wait for the object.
const TIMEOUT_MS: u32 = 2_000;
/// The state's key in the object's storage.
const STATE: &str = "uses";
/// How often an object looks whether it still knows anything.
const SWEEP_MS: u64 = 30 * 24 * 60 * 60 * 1000;
const URL: &str = "http://usage/";

impl Uses for Cloudflare {
    async fn note_use(&self, account: &str, what: What, requests: u64) -> Result<(), Down> {
        self.ask_usage(account, &Ask::Note { what, requests })
            .await
            .map(drop)
    }

    async fn uses(&self, account: &str) -> Result<Vec<Use>, Down> {
        let told = self.ask_usage(account, &Ask::Report).await?;
        wire::read_report(&told).ok_or(Down)
    }
}

impl Cloudflare {
    async fn ask_usage(&self, account: &str, ask: &Ask) -> Result<String, Down> {
        let body = Uint8Array::from(ask.write().as_bytes());
        let objects = &self.bindings.usage;
        let asked = boundary::ask_for_body(objects, account, URL, body, TIMEOUT_MS);
        let told = JsFuture::from(asked.map_err(down)?).await.map_err(down)?;
        String::from_utf8(Uint8Array::from(told).to_vec()).map_err(|_| Down)
    }
}

/// One account's uses.
#[durable_object(alarm)]
pub struct Usage(State);

// A panic leaves nothing half-done: the state is one value, replaced whole.
impl UnwindSafe for Usage {}
impl RefUnwindSafe for Usage {}

impl DurableObject for Usage {
    fn new(object: State, _env: Env) -> Self {
        Self(object)
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        guard::object(self.answer(request)).await
    }

    async fn alarm(&self) -> Result<Response> {
        guard::object(self.sweep()).await
    }
}

impl Usage {
    async fn answer(&self, mut request: Request) -> Result<Response> {
        match Ask::read(&request.text().await?) {
            Some(Ask::Note { what, requests }) => {
                let (before, is_new) = match self.load().await? {
                    Some(state) => (state, false),
                    None => (usage::State::default(), true),
                };
                let after = usage::note(before, what, requests, now_ms());
                boundary::put_unconfirmed(&self.storage()?, STATE, &after.write())?;
                if is_new {
                    guard::wake_in(&self.0, SWEEP_MS).await?;
                }
                Response::empty()
            }
            Some(Ask::Report) => {
                let state = self.load().await?.unwrap_or_default();
                Response::ok(wire::write_report(&usage::report(state, now_ms())))
            }
            None => Response::error("not a question", 400),
        }
    }

    async fn load(&self) -> Result<Option<usage::State>> {
        let found = JsFuture::from(self.storage()?.get(STATE)?).await?;
        Ok(found.as_string().map(|text| usage::State::read(&text)))
    }

    async fn sweep(&self) -> Result<Response> {
        let state = self.load().await?.unwrap_or_default();
        if usage::report(state, now_ms()).is_empty() {
            JsFuture::from(self.storage()?.delete_all()?).await?;
        } else {
            guard::wake_in(&self.0, SWEEP_MS).await?;
        }
        Response::empty()
    }

    fn storage(&self) -> Result<DurableObjectStorage> {
        Ok(self.0.as_raw().storage()?)
    }
}
