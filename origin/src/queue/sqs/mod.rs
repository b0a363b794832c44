//! Amazon SQS [docs.aws.amazon.com/AWSSimpleQueueService]: a FIFO queue for each consumer, `PREFIX-CONSUMER.fifo`.
//!
//! Order: kept. An aggregate is a message group, and no message of a group is given out while another
//! one of it is somebody's. The relay sends an aggregate's next message once the one before it is kept
//! (`rounds.rs`). Any number of workers take, each from other aggregates.
//!
//! What is published again is the same message for five minutes by its deduplication id, which is the
//! event's; later the inbox row of whoever takes it twice says so. A worker that dies gives nothing back:
//! the message comes again when its time ([`VISIBLE_AFTER_SECONDS`]) is over, and counts as tried. SQS is
//! out of reach: takes fail and are tried again, and the log keeps what comes. It keeps a message for
//! fourteen days and no longer: workers that are gone for two weeks need a replay from the log.

mod address;
mod rounds;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use async_trait::async_trait;
use aws_config::BehaviorVersion;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use aws_sdk_sqs::config::{Credentials, Region, SharedHttpClient};
use aws_sdk_sqs::operation::get_queue_url::GetQueueUrlError;
use aws_sdk_sqs::types::{
    BatchResultErrorEntry, ChangeMessageVisibilityBatchRequestEntry,
    DeleteMessageBatchRequestEntry, MessageSystemAttributeName, QueueAttributeName,
    SendMessageBatchRequestEntry,
};
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use futures_util::stream::{StreamExt, TryStreamExt, iter};
use tokio::sync::OnceCell;

use self::address::{Address, Place};
use self::rounds::{Outgoing, rounds};
use super::{Batch, Broker, Message, Promise, Queue};
use crate::events::Consumer;
use crate::store::outbox::Delivery;

/// How long a message is somebody's without a heartbeat, in seconds.
const VISIBLE_AFTER_SECONDS: u16 = 10;
/// How long a message is kept that nobody takes, in seconds: the most that SQS does.
const KEPT_SECONDS: i32 = 14 * 24 * 3600;
/// Most messages at once [SQS, `ReceiveMessage`].
const MESSAGES_MAX: i32 = 10;
/// How long SQS waits for something to give out: each time costs as much as a message.
const TAKE_WAIT: Duration = Duration::from_secs(10);
/// How long one request may take, without that wait.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// Requests under way while something is published.
const PUBLISHING_MAX: usize = 8;

/// SQS, at Amazon or at a server that speaks as it does.
pub struct Sqs {
    address: Address,
    take_wait: Duration,
    client: OnceCell<Client>,
    /// The URLs of queues that are known to be there, by their consumers.
    known: Mutex<HashMap<String, String>>,
}

impl Sqs {
    /// At this URL. Nothing connects yet.
    pub fn new(url: &str) -> anyhow::Result<Self> {
        Ok(Self {
            address: Address::parse(url)?,
            take_wait: TAKE_WAIT,
            client: OnceCell::new(),
            known: Mutex::default(),
        })
    }

    /// With another wait for something to be given out, in whole seconds.
    #[must_use]
    pub fn with_take_wait(mut self, take_wait: Duration) -> Self {
        self.take_wait = take_wait;
        self
    }

    async fn client(&self) -> &Client {
        // On the heap: it is large, and awaited in many places.
        let make = Box::pin(async {
            let timeouts = TimeoutConfig::builder()
                .operation_attempt_timeout(self.take_wait + REQUEST_TIMEOUT)
                .read_timeout(self.take_wait + REQUEST_TIMEOUT)
                .build();
            let latest = BehaviorVersion::v2026_01_12();
            match &self.address.place {
                Place::Amazon { region } => {
                    let found = aws_config::defaults(latest)
                        .region(Region::new(region.clone()))
                        .http_client(http_client(TrustStore::default()))
                        .timeout_config(timeouts)
                        .load()
                        .await;
                    Client::new(&found)
                }
                Place::Server {
                    endpoint,
                    key,
                    secret,
                } => {
                    // Plain http, or a certificate that the machine knows: roots are read when asked for.
                    let trust =
                        TrustStore::empty().with_native_roots(endpoint.starts_with("https"));
                    let config = aws_sdk_sqs::Config::builder()
                        .behavior_version(latest)
                        .region(Region::from_static("us-east-1"))
                        .endpoint_url(endpoint)
                        .credentials_provider(Credentials::new(
                            key,
                            secret,
                            None,
                            None,
                            "QUEUE_URL",
                        ))
                        .http_client(http_client(trust))
                        .timeout_config(timeouts)
                        .build();
                    Client::from_conf(config)
                }
            }
        });
        self.client.get_or_init(|| make).await
    }

    /// The URL of a consumer's queue, which is made where it is missing. One that an operator has made is
    /// taken as it is, as long as it is a FIFO queue, which its name says.
    async fn queue(&self, consumer: &str) -> anyhow::Result<String> {
        {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(url) = known.get(consumer) {
                return Ok(url.clone());
            }
        }
        let client = self.client().await;
        let name = self.address.queue(consumer);
        let url = match client.get_queue_url().queue_name(&name).send().await {
            Ok(found) => found.queue_url,
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(GetQueueUrlError::is_queue_does_not_exist) =>
            {
                let made = client.create_queue().queue_name(&name);
                let made = ATTRIBUTES.iter().fold(made, |made, (attribute, value)| {
                    made.attributes(attribute.clone(), *value)
                });
                let made = made.attributes(
                    QueueAttributeName::VisibilityTimeout,
                    VISIBLE_AFTER_SECONDS.to_string(),
                );
                let made = made.attributes(
                    QueueAttributeName::MessageRetentionPeriod,
                    KEPT_SECONDS.to_string(),
                );
                let made = made.send().await;
                made.with_context(|| format!("SQS makes no queue {name}"))?
                    .queue_url
            }
            Err(error) => return Err(error).context("SQS can't be asked"),
        };
        let url = url.with_context(|| format!("SQS tells no URL of {name}"))?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(consumer.to_owned(), url.clone());
        Ok(url)
    }

    /// Sends one request's messages, all of which have to be kept.
    async fn send(&self, queue: &str, messages: Vec<Outgoing>) -> anyhow::Result<()> {
        let mut entries = Vec::with_capacity(messages.len());
        for (place, message) in messages.into_iter().enumerate() {
            let entry = SendMessageBatchRequestEntry::builder()
                .id(place.to_string())
                .message_group_id(message.group.to_string())
                .message_deduplication_id(message.id)
                .message_body(message.body)
                .build()?;
            entries.push(entry);
        }
        let request = self.client().await.send_message_batch();
        let request = request.queue_url(queue).set_entries(Some(entries));
        let answer = request.send().await.context("SQS takes nothing")?;
        none_failed("sent", answer.failed())
    }

    /// Sets when these come again; false if some of them are nobody's or another's by now.
    async fn visible_after(
        &self,
        consumer: &str,
        batch: &Batch,
        seconds: u16,
    ) -> anyhow::Result<bool> {
        let mut entries = Vec::new();
        for (place, receipt) in taken(batch).iter().enumerate() {
            let entry = ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(place.to_string())
                .receipt_handle(receipt)
                .visibility_timeout(seconds.into())
                .build()?;
            entries.push(entry);
        }
        if entries.is_empty() {
            return Ok(true);
        }
        let queue = self.queue(consumer).await?;
        let request = self.client().await.change_message_visibility_batch();
        let request = request.queue_url(queue).set_entries(Some(entries));
        let answer = request.send().await.context("SQS keeps nothing")?;
        // Theirs is what SQS says is our fault; else it is to be asked again.
        let (ours, theirs): (Vec<_>, Vec<_>) =
            answer.failed.into_iter().partition(|one| one.sender_fault);
        none_failed("kept", &theirs)?;
        Ok(ours.is_empty())
    }
}

/// What a queue is made with: groups one by one in their order and in their deduplication, which is what
/// lets it carry thousands a second.
const ATTRIBUTES: [(QueueAttributeName, &str); 3] = [
    (QueueAttributeName::FifoQueue, "true"),
    (QueueAttributeName::DeduplicationScope, "messageGroup"),
    (QueueAttributeName::FifoThroughputLimit, "perMessageGroupId"),
];

/// By the one TLS provider that everything here speaks through.
fn http_client(trust: TrustStore) -> SharedHttpClient {
    let builder = aws_smithy_http_client::Builder::new();
    let builder = builder.tls_provider(Provider::Rustls(CryptoMode::Ring));
    match TlsContext::builder().with_trust_store(trust).build() {
        Ok(context) => builder.tls_context(context).build_https(),
        Err(_) => builder.build_https(),
    }
}

fn none_failed(what: &str, failed: &[BatchResultErrorEntry]) -> anyhow::Result<()> {
    let Some(first) = failed.first() else {
        return Ok(());
    };
    bail!(
        "{} messages were not {what}: {} {}",
        failed.len(),
        first.code,
        first.message.as_deref().unwrap_or_default()
    )
}

/// The receipts of what was taken.
fn taken(batch: &Batch) -> &[String] {
    batch
        .receipt
        .downcast_ref::<Vec<String>>()
        .map_or(&[], Vec::as_slice)
}

#[async_trait]
impl Queue for Sqs {
    fn promise(&self) -> Promise {
        Promise::Kept
    }

    fn lease(&self) -> Duration {
        Duration::from_secs(VISIBLE_AFTER_SECONDS.into())
    }

    async fn take(&self, consumer: &dyn Consumer) -> anyhow::Result<Option<Batch>> {
        let queue = self.queue(consumer.name()).await?;
        let wait = i32::try_from(self.take_wait.as_secs()).unwrap_or_default();
        let request = self.client().await.receive_message().queue_url(queue);
        let request = request
            .max_number_of_messages(MESSAGES_MAX)
            .wait_time_seconds(wait)
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount);
        let answer = request.send().await.context("SQS gives nothing out")?;
        let mut batch = Batch {
            deliveries: Vec::new(),
            unknown: Vec::new(),
            suspects: Vec::new(),
            blamed: false,
            progress: 0,
            fence: None,
            receipt: Box::new(()),
        };
        let mut receipts = Vec::new();
        for message in answer.messages.unwrap_or_default() {
            // Ours alone are in the queue: one that can't be read is a fault to be seen.
            let body = message.body.unwrap_or_default();
            let read: Message =
                serde_json::from_str(&body).context("a message of the queue is none of ours")?;
            let count = MessageSystemAttributeName::ApproximateReceiveCount;
            let received = message.attributes.as_ref().and_then(|all| all.get(&count));
            let again = received.is_some_and(|received| received != "1");
            match read.delivery() {
                Ok(delivery) if again => batch.suspects.push(delivery),
                Ok(delivery) => batch.deliveries.push(delivery),
                Err(unknown) => batch.unknown.push(unknown),
            }
            let receipt = message.receipt_handle;
            receipts.push(receipt.ok_or_else(|| anyhow!("SQS gives no receipt"))?);
        }
        if receipts.is_empty() {
            return Ok(None);
        }
        batch.progress = receipts.len();
        batch.receipt = Box::new(receipts);
        Ok(Some(batch))
    }

    async fn renew(&self, consumer: &str, batch: &Batch) -> anyhow::Result<bool> {
        self.visible_after(consumer, batch, VISIBLE_AFTER_SECONDS)
            .await
    }

    async fn settle(&self, consumer: &str, batch: Batch) -> anyhow::Result<()> {
        let mut entries = Vec::new();
        for (place, receipt) in taken(&batch).iter().enumerate() {
            let entry = DeleteMessageBatchRequestEntry::builder()
                .id(place.to_string())
                .receipt_handle(receipt)
                .build()?;
            entries.push(entry);
        }
        if entries.is_empty() {
            return Ok(());
        }
        let queue = self.queue(consumer).await?;
        let request = self.client().await.delete_message_batch();
        let request = request.queue_url(queue).set_entries(Some(entries));
        let answer = request.send().await.context("SQS forgets nothing")?;
        none_failed("forgotten", answer.failed())
    }

    async fn give_back(&self, consumer: &str, batch: Batch) -> anyhow::Result<()> {
        self.visible_after(consumer, &batch, 0).await?;
        Ok(())
    }

    async fn leave(&self, _: &str) -> anyhow::Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Broker for Sqs {
    async fn open(&self, consumers: &[&str]) -> anyhow::Result<()> {
        for consumer in consumers {
            self.queue(consumer).await?;
        }
        Ok(())
    }

    async fn publish(&self, consumer: &str, events: &[Delivery]) -> anyhow::Result<()> {
        let queue = self.queue(consumer).await?;
        let queue = queue.as_str();
        let outgoing = events.iter().map(|event| {
            anyhow::Ok(Outgoing {
                group: event.aggregate,
                id: event.event.id.to_string(),
                body: serde_json::to_string(&Message::of(event))?,
            })
        });
        for round in rounds(outgoing.collect::<Result<_, _>>()?) {
            let sending = round.into_iter().map(|request| self.send(queue, request));
            iter(sending)
                .buffer_unordered(PUBLISHING_MAX)
                .try_collect::<Vec<()>>()
                .await?;
        }
        Ok(())
    }
}
