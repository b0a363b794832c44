//! What all locations share: the feed, and the shield.

use super::{Memory, others_first};
use crate::feed::{Change, Told};
use crate::platform::{Clock, Down, Feed, Shield};
use crate::shield::{End, Turn};

impl Feed for Memory {
    async fn append(&self, change: &Change) -> Result<u64, Down> {
        if self.0.faults.borrow().feed_down {
            return Err(Down);
        }
        let mut log = self.0.feed.borrow_mut();
        log.append(change, self.now_ms());
        Ok(log.head)
    }

    async fn since(&self, seq: u64, timeout_ms: u32) -> Result<Told, Down> {
        others_first().await;
        if self.0.faults.borrow().feed_hangs {
            self.advance_ms(timeout_ms.into());
            return Err(Down);
        }
        if self.0.faults.borrow().feed_down {
            return Err(Down);
        }
        Ok(self.0.feed.borrow().since(seq))
    }
}

/// How often a waiter looks while nothing moves; then it is told to wait again, as an object tells one
/// whose flight does not end.
const LOOKS_MAX: usize = 1_000;

impl Shield for Memory {
    async fn join(&self, key: &str, beyond: u64, waiting: Option<u64>) -> Result<Turn, Down> {
        for _ in 0..LOOKS_MAX {
            others_first().await;
            if self.0.faults.borrow().shield_down {
                return Err(Down);
            }
            let mut shard = self.0.shields.borrow_mut();
            let turn = shard.join(key, beyond, waiting, self.now_ms());
            if waiting.is_none() || !matches!(turn, Turn::Wait(_)) {
                return Ok(turn);
            }
        }
        Ok(Turn::Wait(waiting.unwrap_or_default()))
    }

    async fn settle_flight(&self, key: &str, number: u64, end: End) -> Result<(), Down> {
        if self.0.faults.borrow().shield_down {
            return Err(Down);
        }
        let mut shard = self.0.shields.borrow_mut();
        shard.settle(key, number, end, self.now_ms());
        Ok(())
    }
}
