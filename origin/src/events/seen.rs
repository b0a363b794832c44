//! What a consumer does, as spans of the traces that its events belong to: how long each waited in the log, and
//! what came of it. Events that are handled together are one piece of work in several traces.

use std::collections::HashSet;
use std::time::SystemTime;

use chrono::DateTime;

use crate::store::outbox::Delivery;
use crate::trace::{Span, Work};

/// Most traces that one piece of work shows in.
const TRACES_MAX: usize = 64;

/// The spans of one piece of work, each of another trace; they end together.
pub(super) struct Spans(Vec<Span>);

/// Begins them; the first event's trace is the one that goes on from here.
pub(super) fn spans(consumer: &str, deliveries: &[Delivery]) -> Spans {
    let mut traces = HashSet::new();
    let firsts = deliveries
        .iter()
        .filter(|one| traces.insert(one.traceparent.as_deref()))
        .take(TRACES_MAX);
    Spans(firsts.map(|one| span(consumer, one)).collect())
}

fn span(consumer: &str, delivery: &Delivery) -> Span {
    let event = &delivery.event;
    let kind = event.kind.as_str();
    let id = event.id.to_string();
    let facts = [
        ("messaging.system", "headgate.outbox"),
        ("messaging.consumer.group.name", consumer),
        ("messaging.message.id", id.as_str()),
        ("headgate.aggregate_id", event.aggregate_id.as_str()),
    ];
    let said = delivery.traceparent.as_deref();
    let began = DateTime::parse_from_rfc3339(&event.created_at).ok();
    let relayed = began.map(|began| {
        let name = || format!("relay {kind}");
        Span::waited(said, name, &facts, SystemTime::from(began))
    });
    let relayed = relayed.and_then(|span| span.traceparent());
    let said = relayed.as_deref().or(said);
    Span::of(
        said,
        Work::Consumer,
        || format!("{consumer} {kind}"),
        &facts,
    )
}

impl Spans {
    /// Works within the first.
    pub(super) async fn around<T>(
        &self,
        work: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        let done = match self.0.first() {
            Some(first) => first.around(work).await,
            None => work.await,
        };
        if done.is_err() {
            self.0.iter().for_each(Span::failed);
        }
        done
    }
}
