//! NATS JetStream [docs.nats.io/nats-concepts/jetstream]: one stream with a subject for each consumer and
//! part, `headgate.CONSUMER.PART`, from which a message is gone once it is acknowledged.
//!
//! Order: kept. An aggregate's events go to one part, each part gives out its next message only once the
//! one before it was acknowledged (`max_ack_pending` 1), and a part's messages are published one after
//! the other. So a consumer works on as many aggregates at once as there are parts, over all workers.
//!
//! A worker that dies gives nothing back: the message comes again when its time (`ACK_WAIT`) is over, and
//! counts as tried. The broker is down: takes fail and are tried again, and the log keeps what comes.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use async_nats::jetstream::consumer::{AckPolicy, PullConsumer, pull};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{self, RetentionPolicy, StorageType};
use async_nats::jetstream::{self, AckKind};
use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::future::{join_all, try_join_all};
use tokio::sync::OnceCell;

use super::{Batch, Broker, Message, Promise, Queue, part};
use crate::events::Consumer;
use crate::store::outbox::Delivery;

/// The stream.
const STREAM: &str = "headgate";
/// Parts a consumer.
const PARTS: u128 = 16;
/// How long a message is somebody's without a heartbeat.
const ACK_WAIT: Duration = Duration::from_secs(10);
/// How long a part that somebody else is at keeps who asks: the server lets them wait.
const TAKE_MAX: Duration = Duration::from_millis(50);
/// In which a message that is published again is known to be the same.
const DUPLICATES: Duration = Duration::from_mins(10);
/// How long the server may take to be reached.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// JetStream at one server, or a cluster of them.
pub struct Nats {
    url: String,
    context: OnceCell<jetstream::Context>,
    /// The server's consumers that are known to be there, by their names.
    known: Mutex<HashMap<String, PullConsumer>>,
}

impl Nats {
    /// At this URL. Nothing connects yet.
    pub fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            context: OnceCell::new(),
            known: Mutex::default(),
        }
    }

    async fn context(&self) -> anyhow::Result<&jetstream::Context> {
        // On the heap: it is large, and awaited in many places.
        let connect = Box::pin(async {
            let client = async_nats::ConnectOptions::new()
                .connection_timeout(CONNECT_TIMEOUT)
                .connect(&self.url)
                .await
                .context("NATS can't be reached")?;
            anyhow::Ok(jetstream::new(client))
        });
        self.context.get_or_try_init(|| connect).await
    }

    async fn consumer(&self, consumer: &str, part: u128) -> anyhow::Result<PullConsumer> {
        let name = format!("{consumer}-{part}");
        let known = |known: &Mutex<HashMap<String, PullConsumer>>| {
            let known = known.lock().unwrap_or_else(PoisonError::into_inner);
            known.get(&name).cloned()
        };
        if let Some(consumer) = known(&self.known) {
            return Ok(consumer);
        }
        let stream = self.context().await?.get_stream_no_info(STREAM).await?;
        let config = pull::Config {
            durable_name: Some(name.clone()),
            filter_subject: subject(consumer, part),
            ack_policy: AckPolicy::Explicit,
            ack_wait: ACK_WAIT,
            max_ack_pending: 1,
            ..pull::Config::default()
        };
        let found = stream.get_or_create_consumer(&name, config).await?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(name, found.clone());
        Ok(found)
    }

    /// The next message of a part, if there is one and nobody has the one before it.
    async fn next(&self, consumer: &str, part: u128) -> anyhow::Result<Option<jetstream::Message>> {
        let consumer = self.consumer(consumer, part).await?;
        let fetch = consumer.fetch().max_messages(1).expires(TAKE_MAX);
        let mut messages = fetch.messages().await?;
        match messages.next().await {
            Some(message) => Ok(Some(message.map_err(|error| anyhow::anyhow!(error))?)),
            None => Ok(None),
        }
    }
}

fn subject(consumer: &str, part: u128) -> String {
    format!("{STREAM}.{consumer}.{part}")
}

/// What was taken.
type Taken = Vec<jetstream::Message>;

async fn all(batch: &Batch, kind: AckKind) -> anyhow::Result<()> {
    let messages = batch.receipt.downcast_ref::<Taken>();
    for message in messages.into_iter().flatten() {
        let sent = message.ack_with(kind).await;
        sent.map_err(|error| anyhow::anyhow!(error))?;
    }
    Ok(())
}

#[async_trait]
impl Queue for Nats {
    fn promise(&self) -> Promise {
        Promise::Kept
    }

    fn lease(&self) -> Duration {
        ACK_WAIT
    }

    async fn take(&self, consumer: &dyn Consumer) -> anyhow::Result<Option<Batch>> {
        let name = consumer.name();
        let parts = join_all((0..PARTS).map(|part| self.next(name, part))).await;
        let mut batch = Batch {
            deliveries: Vec::new(),
            unknown: Vec::new(),
            suspects: Vec::new(),
            blamed: false,
            progress: 0,
            fence: None,
            receipt: Box::new(()),
        };
        let mut taken: Taken = Vec::new();
        for message in parts {
            let Some(message) = message? else {
                continue;
            };
            // Ours alone are in the stream: one that can't be read is a fault to be seen.
            let read: Message = serde_json::from_slice(&message.payload)
                .context("a message of the stream is none of ours")?;
            let again = message.info().map_or(0, |info| info.delivered) > 1;
            match read.delivery() {
                Ok(delivery) if again => batch.suspects.push(delivery),
                Ok(delivery) => batch.deliveries.push(delivery),
                Err(unknown) => batch.unknown.push(unknown),
            }
            taken.push(message);
        }
        if taken.is_empty() {
            return Ok(None);
        }
        batch.progress = taken.len();
        batch.receipt = Box::new(taken);
        Ok(Some(batch))
    }

    async fn renew(&self, _: &str, batch: &Batch) -> anyhow::Result<bool> {
        all(batch, AckKind::Progress).await?;
        Ok(true)
    }

    async fn settle(&self, _: &str, batch: Batch) -> anyhow::Result<()> {
        let messages = batch.receipt.downcast_ref::<Taken>();
        let acks = messages.into_iter().flatten().map(|message| async {
            let acked = message.double_ack().await;
            acked.map_err(|error| anyhow::anyhow!(error))
        });
        try_join_all(acks).await?;
        Ok(())
    }

    async fn give_back(&self, _: &str, batch: Batch) -> anyhow::Result<()> {
        all(&batch, AckKind::Nak(None)).await
    }

    async fn leave(&self, _: &str) -> anyhow::Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Broker for Nats {
    async fn open(&self, consumers: &[&str]) -> anyhow::Result<()> {
        let config = stream::Config {
            name: STREAM.to_owned(),
            subjects: vec![format!("{STREAM}.*.*")],
            retention: RetentionPolicy::WorkQueue,
            storage: StorageType::File,
            duplicate_window: DUPLICATES,
            ..stream::Config::default()
        };
        self.context().await?.get_or_create_stream(config).await?;
        for consumer in consumers {
            try_join_all((0..PARTS).map(|part| self.consumer(consumer, part))).await?;
        }
        Ok(())
    }

    async fn publish(&self, consumer: &str, events: &[Delivery]) -> anyhow::Result<()> {
        let context = self.context().await?;
        let parts = (0..PARTS).map(|number| async move {
            let ours = |event: &&Delivery| part(event.aggregate, PARTS) == number;
            for event in events.iter().filter(ours) {
                let body = serde_json::to_vec(&Message::of(event))?;
                let message = PublishMessage::build()
                    .message_id(format!("{consumer}:{}", event.event.id))
                    .payload(body.into());
                // One after the other: a failure between two must not let the second overtake.
                let kept = context
                    .send_publish(subject(consumer, number), message)
                    .await?;
                kept.await?;
            }
            anyhow::Ok(())
        });
        try_join_all(parts).await?;
        Ok(())
    }
}
