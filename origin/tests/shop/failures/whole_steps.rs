//! A consumer of whole steps for which a step is too much gets it in parts.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use origin::events::relay::Relay;
use origin::events::{Consumer, TookTooLong};
use origin::store::outbox::Delivery;
use shared::event::EventType;
use sqlx::PgConnection;
use tokio::sync::Notify;

use super::{BAD, append};
use crate::harness::{Shop, platform};

/// What it can take at once.
const AT_ONCE_MAX: usize = 3;
const EVENTS: i64 = 20;
/// Longer than any pause of a step.
const PAUSE_MS: i64 = 5_000;

/// Has time for little at once, as behind a broker that is slow.
#[derive(Default)]
struct Narrow {
    asked: Mutex<Vec<usize>>,
    seen: Mutex<Vec<i64>>,
}

#[async_trait]
impl Consumer for Narrow {
    fn name(&self) -> &'static str {
        "purge"
    }

    fn kinds(&self) -> &'static [EventType] {
        &[EventType::ProductUpdated]
    }

    fn takes_whole_steps(&self) -> bool {
        true
    }

    async fn deliver(&self, one: &Delivery, connection: &mut PgConnection) -> anyhow::Result<()> {
        self.deliver_all(std::slice::from_ref(one), connection)
            .await
    }

    async fn deliver_all(&self, all: &[Delivery], _: &mut PgConnection) -> anyhow::Result<()> {
        self.asked.lock().unwrap().push(all.len());
        if all.len() > AT_ONCE_MAX {
            return Err(TookTooLong(Duration::from_secs(10)).into());
        }
        let numbers = all.iter().map(|one| one.event.data["number"].as_i64());
        self.seen
            .lock()
            .unwrap()
            .extend(numbers.map(Option::unwrap));
        Ok(())
    }
}

#[tokio::test]
async fn a_step_that_is_too_much_at_once_is_halved_until_it_is_not() {
    let shop = Shop::open().await;
    let consumer = Arc::new(Narrow::default());
    let consumers: Vec<Arc<dyn Consumer>> = vec![consumer.clone()];
    let pool = shop.app.shop.pool.clone();
    let wake = Arc::new(Notify::new());
    let relay = Relay::new(pool, platform(&shop.clock), wake, consumers);
    for number in 1..=EVENTS {
        append(&shop, BAD, number).await;
    }
    for _ in 0..4 {
        relay.step().await.unwrap();
        shop.clock.advance_ms(PAUSE_MS);
    }
    assert_eq!(
        *consumer.asked.lock().unwrap(),
        [20, 10, 5, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]
    );
    let all: Vec<_> = (1..=EVENTS).collect();
    assert_eq!(*consumer.seen.lock().unwrap(), all);
}
