//! The committed answers under a caller's keys, a row each.
//!
//! A slot is loaded, [`replay::claim`] or [`replay::settle`] decides, and what it returns is stored, all
//! without an await in between, so that no other call comes in. A duplicate waits inside the object until
//! the leader settles.
//!
//! Answers are on disk; a lead is in memory only. Whatever ends this memory has ended the leader
//! too, or leaves it to the origin, the authority, to merge the two; and a lead on disk would keep
//! the retry after a crash waiting for nobody.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use futures_channel::oneshot;
use futures_util::future::select;
use worker::{Delay, Result, SqlCursor, SqlStorageValue, State};

use super::super::parts::now_ms;
use crate::replay::{self, Answer, Claim, Slot, WAIT_MS};

const TABLE: &str = "CREATE TABLE IF NOT EXISTS slots \
    (key TEXT PRIMARY KEY, until_ms INTEGER NOT NULL, slot BLOB NOT NULL) WITHOUT ROWID";

/// All of them.
pub(super) struct Answers {
    object: Rc<State>,
    table_made: Cell<bool>,
    /// Slots of the keys that a request leads.
    led: RefCell<BTreeMap<String, Slot>>,
    /// Duplicates that wait for a key's leader.
    waiting: RefCell<BTreeMap<String, Vec<oneshot::Sender<()>>>>,
}

impl Answers {
    pub(super) fn new(object: &Rc<State>) -> Self {
        Self {
            object: Rc::clone(object),
            table_made: Cell::default(),
            led: RefCell::default(),
            waiting: RefCell::default(),
        }
    }

    pub(super) async fn claim(&self, key: &str, fingerprint: &str) -> Result<Claim> {
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

    /// The answer that is kept, for a request that costs no quota or is refused.
    pub(super) fn kept(&self, key: &str, fingerprint: &str) -> Result<Option<Claim>> {
        Ok(replay::kept(
            self.load(key)?.as_ref(),
            fingerprint,
            now_ms(),
        ))
    }

    pub(super) fn settle(
        &self,
        key: &str,
        fingerprint: &str,
        answer: Option<Answer>,
    ) -> Result<()> {
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
        Ok(())
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

    /// Forgets what has ended; until when the first of the others is kept.
    pub(super) fn sweep(&self) -> Result<Option<u64>> {
        let ended = SqlStorageValue::Integer(now_ms().try_into().unwrap_or(i64::MAX));
        self.sql("DELETE FROM slots WHERE until_ms <= ?", vec![ended])?;
        let first = self
            .sql("SELECT MIN(until_ms) FROM slots", vec![])?
            .raw()
            .next()
            .transpose()?;
        Ok(match first.and_then(|row| row.into_iter().next()) {
            Some(SqlStorageValue::Integer(until_ms)) => u64::try_from(until_ms).ok(),
            _ => None,
        })
    }

    /// The storage was emptied.
    pub(super) fn forgotten(&self) {
        self.table_made.set(false);
    }

    /// Runs a statement. The table is made by the first one, not by the constructor, since that
    /// costs a write to the disk.
    fn sql(&self, statement: &str, values: Vec<SqlStorageValue>) -> Result<SqlCursor> {
        let sql = self.object.storage().sql();
        if !self.table_made.get() {
            sql.exec(TABLE, None)?;
            self.table_made.set(true);
        }
        sql.exec(statement, values)
    }
}
