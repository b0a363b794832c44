//! Copies of committed answers: a Durable Object an account, a row a key.
//!
//! The object loads a slot, calls [`replay::claim`] or [`replay::settle`] and stores what it
//! returns, all without an await in between, so that no other call comes in. A duplicate waits
//! inside the object until the leader settles.
//!
//! Answers are on disk; a lead is in memory only. Whatever ends this memory has ended the leader
//! too, or leaves it to the origin, the authority, to merge the two; and a lead on disk would keep
//! the retry after a crash waiting for nobody.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::time::Duration;

use futures_channel::oneshot;
use futures_util::future::select;
use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;
use worker::{
    Delay, DurableObject, Env, Request, Response, Result, SqlCursor, SqlStorageValue, State,
    durable_object,
};

use super::limiter::down;
use super::parts::{Cloudflare, now_ms};
use super::{boundary, guard};
use crate::platform::{Down, Replay as Copies};
use crate::replay::wire::Ask;
use crate::replay::{self, Answer, Claim, Slot, WAIT_MS};

/// Longest wait for the object: a duplicate's, and a second for the way.
const TIMEOUT_MS: u32 = 3_000;
/// How long after its end a slot is removed, so that one sweep takes many.
const SWEEP_MS: u64 = 60 * 60 * 1000;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS slots \
    (key TEXT PRIMARY KEY, until_ms INTEGER NOT NULL, slot BLOB NOT NULL) WITHOUT ROWID";
const URL: &str = "http://replay/";

impl Copies for Cloudflare {
    async fn claim(&self, account: &str, key: &str, fingerprint: &str) -> Result<Claim, Down> {
        let ask = Ask::Claim {
            key: key.to_owned(),
            fingerprint: fingerprint.to_owned(),
        };
        let told = self.ask_copies(account, &ask).await?;
        Claim::read(&told).ok_or(Down)
    }

    async fn settle(
        &self,
        account: &str,
        key: &str,
        fingerprint: &str,
        answer: Option<Answer>,
    ) -> Result<(), Down> {
        let (key, fingerprint) = (key.to_owned(), fingerprint.to_owned());
        let ask = Ask::Settle {
            key,
            fingerprint,
            answer,
        };
        self.ask_copies(account, &ask).await.map(drop)
    }
}

impl Cloudflare {
    async fn ask_copies(&self, account: &str, ask: &Ask) -> Result<Vec<u8>, Down> {
        let body = Uint8Array::from(ask.write().as_slice());
        let objects = &self.bindings.replay;
        let asked = boundary::ask_for_body(objects, account, URL, body, TIMEOUT_MS);
        let told = JsFuture::from(asked.map_err(down)?).await.map_err(down)?;
        Ok(Uint8Array::new(&told).to_vec())
    }
}

/// The copies of one account.
#[durable_object(alarm)]
pub struct Replay {
    state: State,
    table_made: Cell<bool>,
    sweep_planned: Cell<bool>,
    /// Slots of the keys that a request leads.
    led: RefCell<BTreeMap<String, Slot>>,
    /// Duplicates that wait for a key's leader.
    waiting: RefCell<BTreeMap<String, Vec<oneshot::Sender<()>>>>,
}

// A panic leaves nothing half-done: a slot is one row, and a lost waiter only asks again.
impl UnwindSafe for Replay {}
impl RefUnwindSafe for Replay {}

impl DurableObject for Replay {
    fn new(state: State, _env: Env) -> Self {
        Self {
            state,
            table_made: Cell::new(false),
            sweep_planned: Cell::new(false),
            led: RefCell::default(),
            waiting: RefCell::default(),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        guard::object(self.answer(request)).await
    }

    async fn alarm(&self) -> Result<Response> {
        guard::object(self.sweep()).await
    }
}

impl Replay {
    async fn answer(&self, mut request: Request) -> Result<Response> {
        match Ask::read(&request.bytes().await?) {
            Some(Ask::Claim { key, fingerprint }) => {
                Response::from_bytes(self.claim(&key, &fingerprint).await?.write())
            }
            Some(Ask::Settle {
                key,
                fingerprint,
                answer,
            }) => {
                self.settle(&key, &fingerprint, answer).await?;
                Response::empty()
            }
            None => Response::error("not a question", 400),
        }
    }

    async fn claim(&self, key: &str, fingerprint: &str) -> Result<Claim> {
        let deadline_ms = now_ms().saturating_add(WAIT_MS);
        loop {
            let now = now_ms();
            match replay::claim(self.load(key)?.as_ref(), fingerprint, now) {
                Claim::Lead => {
                    let mut led = self.led.borrow_mut();
                    led.retain(|_, slot| now < slot.until_ms());
                    led.insert(key.to_owned(), replay::lead(fingerprint, now));
                    return Ok(Claim::Lead);
                }
                Claim::Wait if now < deadline_ms => {
                    self.settled(key, deadline_ms.saturating_sub(now)).await;
                }
                told => return Ok(told),
            }
        }
    }

    async fn settle(&self, key: &str, fingerprint: &str, answer: Option<Answer>) -> Result<()> {
        let slot = replay::settle(self.load(key)?, fingerprint, answer, now_ms());
        self.led.borrow_mut().remove(key);
        match slot {
            Some(led @ Slot::Led { .. }) => {
                // A late end of one request while another leads: nothing has ended.
                self.led.borrow_mut().insert(key.to_owned(), led);
                return Ok(());
            }
            Some(answered) => self.store(key, &answered)?,
            None => {}
        }
        // Each of them claims again: the first to do so leads if the key was freed.
        self.waiting.borrow_mut().remove(key);
        self.plan_sweep().await
    }

    /// Waits until the key's leader settles, for `ms` at most.
    async fn settled(&self, key: &str, ms: u64) {
        let (waiter, woken) = oneshot::channel::<()>();
        self.waiting
            .borrow_mut()
            .entry(key.to_owned())
            .or_default()
            .push(waiter);
        let late = Box::pin(Delay::from(Duration::from_millis(ms)));
        drop(select(woken, late).await);
        // Those who gave up; the others left with the leader's end.
        self.waiting.borrow_mut().retain(|_, waiters| {
            waiters.retain(|waiter| !waiter.is_canceled());
            !waiters.is_empty()
        });
    }

    fn load(&self, key: &str) -> Result<Option<Slot>> {
        if let Some(led) = self.led.borrow().get(key) {
            return Ok(Some(led.clone()));
        }
        let rows = self.sql("SELECT slot FROM slots WHERE key = ?", vec![key.into()])?;
        let row = rows.raw().next().transpose()?;
        Ok(match row.and_then(|row| row.into_iter().next()) {
            Some(SqlStorageValue::Blob(bytes)) => Slot::read(&bytes),
            _ => None,
        })
    }

    fn store(&self, key: &str, slot: &Slot) -> Result<()> {
        let until_ms = SqlStorageValue::Integer(slot.until_ms().try_into().unwrap_or(i64::MAX));
        let values = vec![key.into(), until_ms, slot.write().into()];
        self.sql(
            "INSERT OR REPLACE INTO slots (key, until_ms, slot) VALUES (?, ?, ?)",
            values,
        )?;
        Ok(())
    }

    /// One alarm an object; it is planned with the first answer and planned again while rows remain.
    async fn plan_sweep(&self) -> Result<()> {
        if !self.sweep_planned.replace(true) && self.state.storage().get_alarm().await?.is_none() {
            guard::wake_in(&self.state, SWEEP_MS).await?;
        }
        Ok(())
    }

    async fn sweep(&self) -> Result<Response> {
        let now = now_ms();
        let ended = SqlStorageValue::Integer(now.try_into().unwrap_or(i64::MAX));
        self.sql("DELETE FROM slots WHERE until_ms <= ?", vec![ended])?;
        let next = self
            .sql("SELECT MIN(until_ms) FROM slots", vec![])?
            .raw()
            .next()
            .transpose()?;
        match next.and_then(|row| row.into_iter().next()) {
            Some(SqlStorageValue::Integer(until_ms)) => {
                let left_ms = u64::try_from(until_ms)
                    .unwrap_or_default()
                    .saturating_sub(now);
                guard::wake_in(&self.state, left_ms.saturating_add(SWEEP_MS)).await?;
            }
            _ => self.sweep_planned.set(false),
        }
        Response::empty()
    }

    /// Runs a statement. The table is made by the first one, not by the constructor, since that
    /// costs a write to the disk.
    fn sql(&self, statement: &str, values: Vec<SqlStorageValue>) -> Result<SqlCursor> {
        let sql = self.state.storage().sql();
        if !self.table_made.get() {
            sql.exec(TABLE, None)?;
            self.table_made.set(true);
        }
        sql.exec(statement, values)
    }
}
