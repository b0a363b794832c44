//! Spans on their way to a collector: a bounded queue, a task that sends batches of it, and counts.
//!
//! Whoever ends a span never waits: a queue that is full drops it, and `headgate_spans_total` says so. A batch
//! that the collector does not take is dropped as well, after one more try; spans are worth less than memory.
//! When the process ends, what is queued is sent within a bound.

use std::fmt;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use opentelemetry::Context;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{
    Protocol, SpanExporter as Otlp, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    SdkTracerProvider, Span, SpanData, SpanExporter as _, SpanProcessor,
};
use prometheus::IntCounterVec;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use super::TRACER;
use super::sampling::Tracing;
use crate::http_client::{self, Client};

/// Most spans that wait.
const QUEUE_MAX: usize = 8_192;
/// Most spans in a batch.
const BATCH_MAX: usize = 512;
/// For how long a batch waits for more.
const LINGER: Duration = Duration::from_secs(1);
/// How long a collector may take to be reached.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long it may take to answer.
const SEND_TIMEOUT: Duration = Duration::from_secs(5);
/// How often a batch is sent.
const TRIES_MAX: u32 = 2;

/// Spans that are sent.
#[derive(Debug)]
pub struct Exporting {
    ending: CancellationToken,
    task: JoinHandle<()>,
}

impl Exporting {
    /// Sends what is queued, for so long at most.
    pub async fn flush(self, bound: Duration) {
        self.ending.cancel();
        if timeout(bound, self.task).await.is_err() {
            tracing::warn!("the collector did not take the last spans in time");
        }
    }
}

/// Lets spans be made and sent from here on, if that is wanted. Once a process.
pub fn start(settings: &Tracing, counts: IntCounterVec) -> anyhow::Result<Option<Exporting>> {
    let Some(endpoint) = settings.endpoint.as_deref().filter(|url| !url.is_empty()) else {
        return Ok(None);
    };
    ensure!(
        (0.0..=1.0).contains(&settings.traces_sampler_arg),
        "OTEL_TRACES_SAMPLER_ARG must be a share from 0 to 1"
    );
    let url = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
    http_client::url("OTEL_EXPORTER_OTLP_ENDPOINT", &url)?;
    let mut otlp = Otlp::builder()
        .with_http()
        .with_http_client(Wire(http_client::client(CONNECT_TIMEOUT)?))
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(url)
        .with_timeout(SEND_TIMEOUT)
        .build()
        .context("spans can't be sent")?;
    let resource = Resource::builder_empty()
        .with_service_name(settings.service_name.clone())
        .build();
    otlp.set_resource(&resource);
    let (sender, receiver) = mpsc::channel(QUEUE_MAX);
    let queue = Queue {
        sender,
        counts: counts.clone(),
    };
    let provider = SdkTracerProvider::builder()
        .with_span_processor(queue)
        .with_resource(resource)
        .with_sampler(settings.traces_sampler.sampler(settings.traces_sampler_arg))
        .build();
    ensure!(
        TRACER.set(provider.tracer("headgate")).is_ok(),
        "spans are sent already"
    );
    let ending = CancellationToken::new();
    let task = tokio::spawn(send_all(otlp, receiver, ending.clone(), counts));
    Ok(Some(Exporting { ending, task }))
}

/// Where spans go when they end.
#[derive(Debug)]
struct Queue {
    sender: Sender<SpanData>,
    counts: IntCounterVec,
}

impl SpanProcessor for Queue {
    fn on_start(&self, _span: &mut Span, _parent: &Context) {}

    fn on_end(&self, span: SpanData) {
        if !span.span_context.is_sampled() {
            return;
        }
        if self.sender.try_send(span).is_err() {
            self.counts.with_label_values(&["dropped"]).inc();
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}

async fn send_all(
    otlp: Otlp,
    mut queue: Receiver<SpanData>,
    ending: CancellationToken,
    counts: IntCounterVec,
) {
    loop {
        let mut batch = Vec::new();
        tokio::select! {
            biased;
            _ = queue.recv_many(&mut batch, BATCH_MAX) => {}
            () = ending.cancelled() => {}
        }
        let linger = Instant::now() + LINGER;
        while batch.len() < BATCH_MAX && !batch.is_empty() {
            let more = tokio::select! {
                biased;
                more = timeout_at(linger, queue.recv()) => more.ok().flatten(),
                () = ending.cancelled() => queue.try_recv().ok(),
            };
            match more {
                Some(span) => batch.push(span),
                None => break,
            }
        }
        if batch.is_empty() {
            return;
        }
        send(&otlp, batch, &counts).await;
    }
}

async fn send(otlp: &Otlp, batch: Vec<SpanData>, counts: &IntCounterVec) {
    let count = u64::try_from(batch.len()).unwrap_or(u64::MAX);
    let mut tries = 0;
    loop {
        tries += 1;
        match otlp.export(batch.clone()).await {
            Ok(()) => return counts.with_label_values(&["sent"]).inc_by(count),
            Err(error) if tries >= TRIES_MAX => {
                tracing::warn!(%error, count, "the collector does not take spans: dropped");
                return counts.with_label_values(&["dropped"]).inc_by(count);
            }
            Err(error) => tracing::debug!(%error, "the collector is asked once more"),
        }
    }
}

/// The origin's own client, as the exporter wants it.
struct Wire(Client);

impl fmt::Debug for Wire {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Wire")
    }
}

#[async_trait]
impl HttpClient for Wire {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sent = self.0.request(request.map(Full::new));
        let (head, body) = timeout(SEND_TIMEOUT, sent).await??.into_parts();
        let body = timeout(SEND_TIMEOUT, body.collect()).await??;
        Ok(Response::from_parts(head, body.to_bytes()))
    }
}
