//! The shield: a Durable Object a shard of keys, in memory alone.
//!
//! The object calls [`Shard::join`] and [`Shard::settle`]; who waits for a flight is woken by its end, or
//! when its lease is over. Whatever ends this memory costs a fetch more.

use std::cell::RefCell;
use std::collections::HashMap;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::time::Duration;

use bytes::Bytes;
use futures_channel::oneshot;
use futures_util::future::select;
use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;
use worker::{Delay, DurableObject, Env, Request, Response, Result, State, durable_object};

use super::caller::down;
use super::parts::{Cloudflare, now_ms};
use super::{boundary, guard};
use crate::platform::{Down, Shield as Elections};
use crate::shield::wire::Ask;
use crate::shield::{self, ELECT_MS, End, LEASE_MS, Shard, Turn};

/// Longest wait for the end of a flight: a lease, and a second for the way.
const WAIT_MS: u32 = 6_000;
const URL: &str = "http://shield/";

impl Elections for Cloudflare {
    async fn join(&self, key: &str, beyond: u64, waiting: Option<u64>) -> Result<Turn, Down> {
        let ask = Ask::Join {
            key: key.to_owned(),
            beyond,
            waiting,
        };
        let timeout_ms = if waiting.is_some() { WAIT_MS } else { ELECT_MS };
        let told = self.ask_shield(key, &ask, timeout_ms).await?;
        Turn::read(&told).ok_or(Down)
    }

    async fn settle_flight(&self, key: &str, number: u64, end: End) -> Result<(), Down> {
        let ask = Ask::Settle {
            key: key.to_owned(),
            number,
            end,
        };
        self.ask_shield(key, &ask, WAIT_MS).await.map(drop)
    }
}

impl Cloudflare {
    async fn ask_shield(&self, key: &str, ask: &Ask, timeout_ms: u32) -> Result<Bytes, Down> {
        let body = Uint8Array::from(ask.write().as_slice());
        let name = shield::shard(key).to_string();
        let asked = boundary::ask_for_body(&self.bindings.shield, &name, URL, body, timeout_ms);
        let told = JsFuture::from(asked.map_err(down)?).await.map_err(down)?;
        Ok(Uint8Array::new(&told).to_vec().into())
    }
}

/// One shard.
#[durable_object(fetch)]
pub struct Shield {
    shard: RefCell<Shard>,
    /// Who waits for a key's flight.
    waiting: RefCell<HashMap<String, Vec<oneshot::Sender<()>>>>,
}

// A panic leaves nothing half-done: a key's state is replaced whole, and a lost waiter joins again.
impl UnwindSafe for Shield {}
impl RefUnwindSafe for Shield {}

impl DurableObject for Shield {
    fn new(_state: State, _env: Env) -> Self {
        Self {
            shard: RefCell::default(),
            waiting: RefCell::default(),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        guard::object(self.answer(request)).await
    }
}

impl Shield {
    async fn answer(&self, mut request: Request) -> Result<Response> {
        match Ask::read(&request.bytes().await?.into()) {
            Some(Ask::Join {
                key,
                beyond,
                waiting,
            }) => Response::from_bytes(self.join(&key, beyond, waiting).await.write()),
            Some(Ask::Settle { key, number, end }) => {
                let told = self.shard.borrow_mut().settle(&key, number, end, now_ms());
                if told {
                    // Each of them joins again.
                    self.waiting.borrow_mut().remove(&key);
                }
                Response::empty()
            }
            None => Response::error("not a question", 400),
        }
    }

    async fn join(&self, key: &str, beyond: u64, waiting: Option<u64>) -> Turn {
        let end_ms = now_ms().saturating_add(LEASE_MS);
        loop {
            let now_ms = now_ms();
            let turn = self.shard.borrow_mut().join(key, beyond, waiting, now_ms);
            if !matches!(turn, Turn::Wait(_)) || waiting.is_none() || now_ms >= end_ms {
                return turn;
            }
            let until_ms = self.shard.borrow().until_ms(key).unwrap_or(end_ms);
            self.ended(key, until_ms.min(end_ms).saturating_sub(now_ms))
                .await;
        }
    }

    /// Waits until the key's flight ends, for `ms` at most.
    async fn ended(&self, key: &str, ms: u64) {
        let (waiter, woken) = oneshot::channel::<()>();
        self.waiting
            .borrow_mut()
            .entry(key.to_owned())
            .or_default()
            .push(waiter);
        let late = Box::pin(Delay::from(Duration::from_millis(ms)));
        drop(select(woken, late).await);
        // Those who gave up; the others left with the flight's end.
        self.waiting.borrow_mut().retain(|_, waiters| {
            waiters.retain(|waiter| !waiter.is_canceled());
            !waiters.is_empty()
        });
    }
}
