//! Ways from the log to its consumers.
//!
//! The log itself is one ([`log`]): each consumer reads it in place. Or a broker stands in between: the
//! relay publishes what the log has, a copy for each consumer, grouped by aggregate, and consumers take
//! from there. What a broker carries may come twice, and after a consumer is done with it; the inbox row
//! says so, as everywhere. What fails becomes a row of `deliveries` in any case, so that tries, order
//! and dead letters are the same behind each of them.
//!
//! A broker's commit waits for the disk before the message is acknowledged: what Postgres lost would
//! otherwise be gone from both.

pub mod log;
#[cfg(feature = "nats")]
pub mod nats;
pub mod publish;
#[cfg(feature = "sqs")]
pub mod sqs;

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::event::{Event, EventType};
use shared::id::EventId;
use uuid::Uuid;

use crate::events::Consumer;
use crate::store::outbox::Delivery;

/// What a queue promises of the order of one aggregate's events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// They come in their order, and none before the one ahead of it is done or put off.
    Kept,
    /// They may overtake each other.
    None,
}

/// What was taken, until it is settled or given back.
pub struct Batch {
    /// What it can be given, in order.
    pub deliveries: Vec<Delivery>,
    /// What this release does not know, with what is not known of it.
    pub unknown: Vec<(Uuid, String)>,
    /// What a worker before this one took and never settled.
    pub suspects: Vec<Delivery>,
    /// Whether rows were made of what a worker that died was at: they are tried before anything new, which
    /// would only have to wait behind them.
    pub blamed: bool,
    /// Whether it was something: else there is no need to look again at once.
    pub progress: usize,
    /// Under which token rows may be written; `None` where the queue itself keeps others away.
    pub fence: Option<Uuid>,
    /// The queue's own.
    pub receipt: Box<dyn Any + Send + Sync>,
}

/// A way to consumers.
#[async_trait]
pub trait Queue: Send + Sync {
    /// What it promises.
    fn promise(&self) -> Promise;

    /// How long what was taken is kept from others unless it is renewed.
    fn lease(&self) -> Duration;

    /// The next events of a consumer; `None` if there are none, or if they are another worker's.
    async fn take(&self, consumer: &dyn Consumer) -> anyhow::Result<Option<Batch>>;

    /// Keeps what was taken from others for longer. False if it is theirs by now.
    async fn renew(&self, consumer: &str, batch: &Batch) -> anyhow::Result<bool>;

    /// All of it is done or put off: it does not come again.
    async fn settle(&self, consumer: &str, batch: Batch) -> anyhow::Result<()>;

    /// It could not be worked on: it comes again, to whoever asks first.
    async fn give_back(&self, consumer: &str, batch: Batch) -> anyhow::Result<()>;

    /// The worker ends: nobody need wait for its leases.
    async fn leave(&self, consumer: &str) -> anyhow::Result<()>;
}

/// A queue that is filled from the log.
#[async_trait]
pub trait Broker: Queue {
    /// Makes what these consumers' messages need. Doing it again does nothing.
    async fn open(&self, consumers: &[&str]) -> anyhow::Result<()>;

    /// Adds events for a consumer, in their order. Once it is `Ok`, all of them are kept. After an error
    /// it is called again with all of them.
    async fn publish(&self, consumer: &str, events: &[Delivery]) -> anyhow::Result<()>;
}

/// The broker of a URL.
pub fn broker(url: &str) -> anyhow::Result<Arc<dyn Broker>> {
    #[cfg(feature = "nats")]
    if url.starts_with("nats://") || url.starts_with("tls://") {
        return Ok(Arc::new(nats::Nats::new(url)));
    }
    #[cfg(feature = "sqs")]
    if url.starts_with("sqs://") || url.starts_with("sqs+") {
        return Ok(Arc::new(sqs::Sqs::new(url)?));
    }
    // Without what follows: it may be a secret.
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    bail!(
        "QUEUE_URL={scheme}:… names no queue of this build: `nats://HOST:4222` needs one that was built \
         with `--features nats`, `sqs://REGION` one with `--features sqs`. Unset, consumers read the log \
         in Postgres."
    )
}

/// A message's body.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Message {
    /// The event's id.
    pub id: EventId,
    /// Its type.
    pub r#type: String,
    /// Its type's version.
    pub schema_version: i16,
    /// To what it happened, as clients name it.
    pub aggregate_id: String,
    /// Its data.
    pub data: Value,
    /// When it happened.
    pub created_at: String,
    /// To what it happened, as the log names it.
    pub aggregate: Uuid,
    /// Its place among its aggregate's events.
    pub seq: i64,
    /// The trace that it belongs to.
    pub traceparent: Option<String>,
}

impl Message {
    /// The message of an event.
    pub fn of(delivery: &Delivery) -> Self {
        let event = &delivery.event;
        Self {
            id: event.id,
            r#type: event.kind.as_str().to_owned(),
            schema_version: event.schema_version,
            aggregate_id: event.aggregate_id.clone(),
            data: event.data.clone(),
            created_at: event.created_at.clone(),
            aggregate: delivery.aggregate,
            seq: delivery.seq,
            traceparent: delivery.traceparent.clone(),
        }
    }

    /// As consumers get it; or which event it is, and what this release does not know of it.
    pub fn delivery(self) -> Result<Delivery, (Uuid, String)> {
        let kind = EventType::parse(&self.r#type);
        let Some(kind) = kind.filter(|kind| kind.reads(self.schema_version)) else {
            let unknown = EventType::unknown(&self.r#type, self.schema_version);
            return Err((self.id.uuid(), unknown));
        };
        Ok(Delivery {
            event: Event {
                id: self.id,
                kind,
                schema_version: self.schema_version,
                aggregate_id: self.aggregate_id,
                data: self.data,
                created_at: self.created_at,
            },
            aggregate: self.aggregate,
            seq: self.seq,
            traceparent: self.traceparent,
            attempts: 0,
        })
    }
}

/// Which of so many parts an aggregate's events go to.
pub fn part(aggregate: Uuid, parts: u128) -> u128 {
    // Ids begin with their time: their low bits are random, and of the made-up ones too.
    aggregate.as_u128() % parts.max(1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(kind: &str, schema_version: i16) -> Message {
        Message {
            id: EventId::from_uuid(Uuid::from_u128(1)),
            r#type: kind.to_owned(),
            schema_version,
            aggregate_id: "prd_1".to_owned(),
            data: json!({"a": 1}),
            created_at: "2026-11-24T00:00:00.000Z".to_owned(),
            aggregate: Uuid::from_u128(2),
            seq: 3,
            traceparent: None,
        }
    }

    #[test]
    fn messages_read_back_or_say_what_is_unknown() {
        for (kind, version, unknown) in [
            ("product.updated", 1, None),
            (
                "product.updated",
                2,
                Some("version 2 of `product.updated` is not known to this release"),
            ),
            (
                "order.exploded",
                1,
                Some("version 1 of `order.exploded` is not known to this release"),
            ),
        ] {
            let sent = message(kind, version);
            let bytes = serde_json::to_vec(&sent).unwrap();
            let read: Message = serde_json::from_slice(&bytes).unwrap();
            match (read.delivery(), unknown) {
                (Ok(delivery), None) => {
                    assert_eq!(serde_json::to_vec(&Message::of(&delivery)).unwrap(), bytes);
                }
                (Err((id, told)), Some(unknown)) => {
                    assert_eq!((id, told.as_str()), (Uuid::from_u128(1), unknown));
                }
                (other, _) => panic!("{kind} {version}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_queue_that_is_not_built_in_is_named() {
        let error = broker("amqp://user:secret@x").err().unwrap().to_string();
        assert!(error.contains("QUEUE_URL=amqp:"), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}
