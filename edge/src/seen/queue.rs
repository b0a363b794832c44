//! What waits to be sent.
//!
//! 1. It is bounded in items and bytes. What does not fit is dropped and counted, and the count goes along
//!    with the next batch that arrives: a collector that is down costs lines, never memory.
//! 2. One sender at a time is on its way to an isolate's queue. One that its platform ended is replaced when
//!    its time is over.
//! 3. A batch that did not arrive goes back to the front, if there is room for it. So what a collector took
//!    without saying so comes twice.

/// Most items that wait.
pub const ITEMS_MAX: usize = 2_000;
/// Most bytes that wait.
pub const BYTES_MAX: usize = 2 * 1024 * 1024;
/// Most items in a batch.
pub const BATCH_ITEMS_MAX: usize = 500;
/// For how long a sender lets others add to its batch.
pub const LINGER_MS: u32 = 1_000;
/// How long a collector may take to answer.
pub const SEND_TIMEOUT_MS: u32 = 5_000;
/// For how long a sender goes on; Cloudflare ends what outlives its answer by thirty seconds.
pub const SENDER_MS: u64 = 20_000;

/// Items of one kind.
#[derive(Debug, Default)]
pub struct Queue {
    items: Vec<String>,
    bytes: usize,
    dropped: u64,
    /// Until then somebody is on the way.
    sender_until_ms: u64,
}

/// What is sent at once.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// The items, in their order.
    pub items: Vec<String>,
    /// How many were dropped since the last batch that arrived.
    pub dropped: u64,
}

impl Queue {
    /// Takes an item. Whether somebody has to be sent for it.
    pub fn push(&mut self, item: String, now_ms: u64) -> bool {
        let bytes = self.bytes.saturating_add(item.len());
        if self.items.len() >= ITEMS_MAX || bytes > BYTES_MAX {
            self.dropped = self.dropped.saturating_add(1);
        } else {
            self.bytes = bytes;
            self.items.push(item);
        }
        let alone = self.sender_until_ms <= now_ms;
        if alone {
            self.sender_until_ms = now_ms.saturating_add(SENDER_MS + u64::from(SEND_TIMEOUT_MS));
        }
        alone
    }

    /// What a sender takes along; nothing: it is done.
    pub fn take(&mut self) -> Option<Batch> {
        let count = self.items.len().min(BATCH_ITEMS_MAX);
        if count == 0 && self.dropped == 0 {
            self.sender_until_ms = 0;
            return None;
        }
        let rest = self.items.split_off(count);
        let items = std::mem::replace(&mut self.items, rest);
        self.bytes = items
            .iter()
            .fold(self.bytes, |left, item| left.saturating_sub(item.len()));
        Some(Batch {
            items,
            dropped: std::mem::take(&mut self.dropped),
        })
    }

    /// It did not arrive, and its sender gives up.
    pub fn failed(&mut self, mut batch: Batch) {
        self.dropped = self.dropped.saturating_add(batch.dropped);
        let mut bytes = self.bytes;
        for item in &batch.items {
            bytes = bytes.saturating_add(item.len());
        }
        let count = batch.items.len();
        if self.items.len().saturating_add(count) > ITEMS_MAX || bytes > BYTES_MAX {
            self.dropped = self.dropped.saturating_add(count as u64);
        } else {
            self.bytes = bytes;
            batch.items.append(&mut self.items);
            self.items = batch.items;
        }
        self.leaves();
    }

    /// A sender whose time is over: the next item needs another one.
    pub fn leaves(&mut self) {
        self.sender_until_ms = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(range: std::ops::Range<usize>) -> Vec<String> {
        range.map(|number| number.to_string()).collect()
    }

    fn filled(count: usize) -> Queue {
        let mut queue = Queue::default();
        for item in texts(0..count) {
            queue.push(item, 0);
        }
        queue
    }

    #[test]
    fn one_sender_comes_for_many() {
        let mut queue = Queue::default();
        assert!(queue.push("a".into(), 0));
        assert!(!queue.push("b".into(), 1_000));
        let batch = queue.take().unwrap();
        assert_eq!(
            (batch.items, batch.dropped),
            (vec!["a".into(), "b".into()], 0)
        );
        // It is still on its way: it looks once more.
        assert!(!queue.push("c".into(), 1_001));
        assert_eq!(queue.take().unwrap().items, ["c"]);
        assert_eq!(queue.take(), None);
        assert!(queue.push("d".into(), 1_002));
        // One that never came back is replaced.
        assert!(!queue.push("e".into(), 2_000));
        assert!(queue.push("f".into(), 100_000));
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let mut queue = filled(ITEMS_MAX + 7);
        let batch = queue.take().unwrap();
        assert_eq!(batch.dropped, 7);
        assert_eq!(batch.items, texts(0..BATCH_ITEMS_MAX));
        let large = "x".repeat(BYTES_MAX);
        queue.push(large, 0);
        assert_eq!(queue.take().unwrap().dropped, 1);
        let mut none = Queue::default();
        none.push("x".repeat(BYTES_MAX + 1), 0);
        let told = none.take().unwrap();
        assert_eq!((told.items.len(), told.dropped), (0, 1));
        assert_eq!(none.take(), None);
    }

    #[test]
    fn what_did_not_arrive_is_sent_again_in_its_order() {
        let mut queue = filled(3);
        let batch = queue.take().unwrap();
        queue.push("3".into(), 0);
        queue.failed(batch);
        assert!(queue.push("4".into(), 0), "nobody is on the way");
        assert_eq!(queue.take().unwrap().items, texts(0..5));
        // No room: it is dropped, and counted.
        let mut full = filled(ITEMS_MAX);
        let batch = full.take().unwrap();
        full.push("one more".into(), 0);
        full.failed(batch);
        let next = full.take().unwrap();
        assert_eq!(next.dropped, u64::try_from(BATCH_ITEMS_MAX).unwrap());
        assert_eq!(next.items.first(), Some(&BATCH_ITEMS_MAX.to_string()));
    }
}
