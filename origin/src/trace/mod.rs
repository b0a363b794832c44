//! Traces [W3C Trace Context, OpenTelemetry]: what a request did, here and in whatever follows from it.
//!
//! 1. Off unless a collector is set (`OTEL_EXPORTER_OTLP_ENDPOINT`): then every function here runs its work and
//!    does nothing else.
//! 2. A request continues the trace that its `traceparent` names, and hands its own span on in the place of it;
//!    so whatever keeps that field (keys, events, deliveries) continues from here, hours later if need be.
//! 3. Who is within a span stands in a variable of the task. What is spawned takes it along ([`carried`]).
//! 4. Spans carry ids of what they are about, and never a token, an address, a body or a query.
//! 5. Nobody waits for a collector ([`export`]): what does not fit is dropped and counted.

pub mod export;
pub mod sampling;

use std::sync::OnceLock;
use std::time::SystemTime;

use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags, TraceId, TraceState, Tracer,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::SdkTracer;

/// Whatever is asked for while there is a collector.
static TRACER: OnceLock<SdkTracer> = OnceLock::new();

tokio::task_local! {
    static CURRENT: Context;
}

/// What a span is about, by name; ids and numbers, nothing that is secret.
pub type Facts<'a> = &'a [(&'static str, &'a str)];

/// What kind of work it is, for whoever draws it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// An answer to a request.
    Server,
    /// A question to somebody else: the database, the provider, a mail server, the edge.
    Client,
    /// What follows from an event.
    Consumer,
}

impl Work {
    const fn kind(self) -> SpanKind {
        match self {
            Self::Server => SpanKind::Server,
            Self::Client => SpanKind::Client,
            Self::Consumer => SpanKind::Consumer,
        }
    }
}

/// A span that is under way. It ends when it is dropped.
#[derive(Debug)]
pub struct Span(Option<Context>);

impl Span {
    /// A span within a trace, by the `traceparent` that names it; without one it begins a trace.
    pub fn of(
        traceparent: Option<&str>,
        work: Work,
        name: impl FnOnce() -> String,
        facts: Facts<'_>,
    ) -> Self {
        let parent = || traceparent.and_then(remote).unwrap_or_default();
        Self::begin(parent, work, name, facts, None)
    }

    /// The same, for a wait that began then and is over now.
    pub fn waited(
        traceparent: Option<&str>,
        name: impl FnOnce() -> String,
        facts: Facts<'_>,
        began: SystemTime,
    ) -> Self {
        let parent = || traceparent.and_then(remote).unwrap_or_default();
        Self::begin(parent, Work::Consumer, name, facts, Some(began))
    }

    /// A span within the current one; none where there is no current one.
    pub fn within(work: Work, name: &str, facts: Facts<'_>) -> Self {
        let Ok(parent) = CURRENT.try_with(Context::clone) else {
            return Self(None);
        };
        Self::begin(|| parent, work, || name.to_owned(), facts, None)
    }

    fn begin(
        parent: impl FnOnce() -> Context,
        work: Work,
        name: impl FnOnce() -> String,
        facts: Facts<'_>,
        began: Option<SystemTime>,
    ) -> Self {
        let Some(tracer) = TRACER.get() else {
            return Self(None);
        };
        let attributes = facts
            .iter()
            .map(|(name, value)| KeyValue::new(*name, (*value).to_owned()));
        let mut builder = tracer
            .span_builder(name())
            .with_kind(work.kind())
            .with_attributes(attributes.collect::<Vec<_>>());
        builder.start_time = began;
        let parent = parent();
        let span = builder.start_with_context(tracer, &parent);
        Self(Some(parent.with_span(span)))
    }

    /// Whether anybody wants to know of it.
    pub const fn is_wanted(&self) -> bool {
        self.0.is_some()
    }

    /// What others are told who continue from here.
    pub fn traceparent(&self) -> Option<String> {
        self.0.as_ref().and_then(written)
    }

    /// Says a fact that was not known at its beginning.
    pub fn say(&self, name: &'static str, value: &str) {
        if let Some(cx) = &self.0 {
            cx.span()
                .set_attribute(KeyValue::new(name, value.to_owned()));
        }
    }

    /// Says that it failed. Why is told by the log, since an error's words may quote anything.
    pub fn failed(&self) {
        if let Some(cx) = &self.0 {
            cx.span().set_status(Status::error(""));
        }
    }

    /// Works within it. The work is on the heap, so that futures do not grow with each span around them.
    pub fn around<T>(&self, work: impl Future<Output = T>) -> impl Future<Output = T> {
        let work = Box::pin(work);
        async move {
            match &self.0 {
                Some(cx) => CURRENT.scope(cx.clone(), work).await,
                None => work.await,
            }
        }
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if let Some(cx) = &self.0 {
            cx.span().end();
        }
    }
}

/// Does a part of the current span's work, as a span of its own.
pub fn part<T, E>(
    name: &str,
    facts: Facts<'_>,
    work: impl Future<Output = Result<T, E>>,
) -> impl Future<Output = Result<T, E>> {
    let work = Box::pin(work);
    async move {
        if TRACER.get().is_none() {
            return work.await;
        }
        let span = Span::within(Work::Client, name, facts);
        let done = span.around(work).await;
        if done.is_err() {
            span.failed();
        }
        done
    }
}

/// A statement or transaction of the shop's database, as a part.
pub fn database<T>(
    operation: &'static str,
    work: impl Future<Output = sqlx::Result<T>>,
) -> impl Future<Output = sqlx::Result<T>> {
    let work = Box::pin(work);
    async move {
        let facts = [
            ("db.system.name", "postgresql"),
            ("db.operation.name", operation),
        ];
        part(&format!("database {operation}"), &facts, work).await
    }
}

/// Takes the current span along into a task of its own.
pub fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let cx = CURRENT.try_with(Context::clone).ok();
    async move {
        match cx {
            Some(cx) => CURRENT.scope(cx, work).await,
            None => work.await,
        }
    }
}

/// The current span, as others are told of it.
pub fn traceparent() -> Option<String> {
    CURRENT.try_with(written).ok().flatten()
}

fn written(cx: &Context) -> Option<String> {
    let span = cx.span();
    let it = span.span_context();
    it.is_valid().then(|| {
        format!(
            "00-{}-{}-{:02x}",
            it.trace_id(),
            it.span_id(),
            it.trace_flags().to_u8()
        )
    })
}

/// What a `traceparent` of version 00 names.
fn remote(traceparent: &str) -> Option<Context> {
    let mut parts = traceparent.split('-');
    let (version, trace, span, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let lengths = (version, trace.len(), span.len(), flags.len());
    if lengths != ("00", 32, 16, 2) || parts.next().is_some() {
        return None;
    }
    let it = SpanContext::new(
        TraceId::from_hex(trace).ok()?,
        SpanId::from_hex(span).ok()?,
        TraceFlags::new(u8::from_str_radix(flags, 16).ok()?),
        true,
        TraceState::default(),
    );
    it.is_valid()
        .then(|| Context::new().with_remote_span_context(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_is_read_and_written() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let cx = remote(good).unwrap();
        assert_eq!(written(&cx).as_deref(), Some(good));
        for bad in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
        ] {
            assert!(remote(bad).is_none(), "{bad}");
        }
    }

    #[tokio::test]
    async fn without_a_collector_there_is_nothing() {
        let span = Span::of(None, Work::Server, || "GET".into(), &[]);
        assert_eq!(span.traceparent(), None);
        let within = span.around(async { traceparent() }).await;
        assert_eq!(within, None);
        assert_eq!(database("nothing", async { Ok(7) }).await.unwrap(), 7);
    }
}
