//! Being seen: what is told of a request once it is answered, and how it gets to whoever collects it.
//!
//! 1. An error (400 and above) always has its line in the access log. What went well has one for the share
//!    that `[access_log]` names, drawn by the request's own id, which no client writes; such a line says its
//!    share (`sample`), so that counts can be scaled.
//! 2. A request of a trace that is kept (`[traces]`) is a span, where a collector is set.
//! 3. Every request counts for the sums, where they are wanted, whether it has a line or not.
//! 4. Lines and spans are sent in batches behind answers ([`crate::seen::queue`] has the bounds). A collector
//!    that is down, slow or wrong makes no difference to any client: what it does not take is dropped and counted.

use std::cell::RefCell;
use std::rc::Rc;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request};
use serde_json::{Map, Value};
use shared::id::RequestId;

use super::{Isolate, Notes, finish, pool};
use crate::config::{AccessLog, Share, Traces};
use crate::platform::{Body, Platform};
use crate::seen::counts::{self, Counts};
use crate::seen::otlp::{self, Ids};
use crate::seen::queue::{Batch, LINGER_MS, Queue, SEND_TIMEOUT_MS, SENDER_MS};

/// The deployment's name for where lines are sent.
const LOG_URL: &str = "ACCESS_LOG_URL";
/// The deployment's name for where spans are sent.
const COLLECTOR_URL: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
/// From here on a request is an error.
const ERROR: u64 = 400;

/// What an isolate has to tell.
#[derive(Debug, Default)]
pub(super) struct Seen {
    lines: Option<Lane>,
    spans: Option<Lane>,
    counts: RefCell<Counts>,
}

impl Seen {
    /// Where a deployment wants to be told: its own variables, by their names, else the configuration.
    pub(super) fn of(
        log: &AccessLog,
        traces: &Traces,
        read: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, String> {
        let lane = |name: &str, configured: &Option<String>, path: &str, kind| {
            let url = read(name).filter(|url| !url.is_empty());
            let Some(url) = url.or_else(|| configured.clone()) else {
                return Ok(None);
            };
            let fields = read(
                &name
                    .replace("_URL", "_HEADERS")
                    .replace("_ENDPOINT", "_HEADERS"),
            );
            let lane = Lane::to(&url, path, kind, &fields.unwrap_or_default());
            let wrong = || format!("{name} must be an absolute URL, and its _HEADERS name=value,…");
            lane.map(Some).ok_or_else(wrong)
        };
        Ok(Self {
            lines: lane(LOG_URL, &log.ship_to, "", "application/x-ndjson")?,
            spans: lane(
                COLLECTOR_URL,
                &traces.collector,
                otlp::PATH,
                "application/json",
            )?,
            counts: RefCell::default(),
        })
    }

    /// Which traces are kept; none: whoever continues them decides.
    pub(super) fn kept(&self, traces: &Traces) -> Option<Share> {
        self.spans.as_ref().map(|_| traces.sample)
    }
}

/// A way to a collector, and what waits to go it.
#[derive(Debug)]
struct Lane {
    base: String,
    target: String,
    fields: HeaderMap,
    queue: RefCell<Queue>,
}

impl Lane {
    fn to(url: &str, path: &str, kind: &'static str, fields: &str) -> Option<Self> {
        let host = url.find("://")?.checked_add(3)?;
        let rest = url.get(host..)?;
        let end = rest
            .find('/')
            .map_or(url.len(), |at| host.saturating_add(at));
        let (base, target) = url.split_at_checked(end)?;
        let target = format!("{}{path}", target.trim_end_matches('/'));
        let mut all = HeaderMap::new();
        for pair in fields.split(',').filter(|pair| !pair.trim().is_empty()) {
            let (name, value) = pair.split_once('=')?;
            let name = HeaderName::from_bytes(name.trim().as_bytes()).ok()?;
            all.insert(name, HeaderValue::from_str(value.trim()).ok()?);
        }
        all.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        Some(Self {
            base: base.to_owned(),
            target: if target.is_empty() {
                "/".to_owned()
            } else {
                target
            },
            fields: all,
            queue: RefCell::default(),
        })
    }

    /// Whether a batch arrived.
    async fn send<P: Platform>(&self, platform: &P, body: String) -> bool {
        let mut request = Request::new(Body::Bytes(body.into()));
        *request.method_mut() = Method::POST;
        let Ok(uri) = self.target.parse() else {
            return false;
        };
        *request.uri_mut() = uri;
        request.headers_mut().clone_from(&self.fields);
        let sent = pool::fetch(platform, &self.base, request, SEND_TIMEOUT_MS).await;
        let Ok(response) = sent else {
            return false;
        };
        let arrived = response.status().is_success();
        pool::discard(platform, response);
        arrived
    }
}

/// What somebody is sent for.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Lines,
    Spans,
    /// To write them as a line.
    Sums,
}

impl Kind {
    fn lane(self, seen: &Seen) -> Option<&Lane> {
        match self {
            Self::Lines => seen.lines.as_ref(),
            Self::Spans => seen.spans.as_ref(),
            Self::Sums => None,
        }
    }

    fn body(self, batch: &Batch, ts: &str) -> String {
        if let Self::Spans = self {
            return otlp::document(&batch.items, batch.dropped);
        }
        let mut body = batch.items.join("\n");
        body.push('\n');
        if batch.dropped > 0 {
            body.push_str("{\"ts\":\"");
            body.push_str(ts);
            body.push_str("\",\"lines_dropped\":");
            body.push_str(&batch.dropped.to_string());
            body.push_str("}\n");
        }
        body
    }
}

/// Tells of a request that was answered between these times.
pub(super) fn tell<P: Platform>(
    platform: &P,
    isolate: &Isolate,
    notes: &Notes,
    id: RequestId,
    mut line: Map<String, Value>,
    (started_ms, ended_ms): (u64, u64),
) {
    let (seen, log) = (&isolate.seen, &isolate.gateway.access_log);
    if seen.spans.is_some() && notes.trace.kept {
        let ids = Ids {
            trace: &notes.trace.id,
            span: &notes.trace.span,
            parent: notes.trace.theirs.as_deref(),
        };
        let span = otlp::span(&line, ids, started_ms, ended_ms);
        send(platform, seen, Kind::Spans, span);
    }
    if log.metrics && seen.counts.borrow_mut().add(&line, ended_ms) {
        come(platform, seen, Kind::Sums);
    }
    let failed = line.get("status").and_then(Value::as_u64) >= Some(ERROR);
    if !failed && !log.sample.is_whole() {
        if !log.sample.holds(drawn(id)) {
            return;
        }
        line.insert("sample".to_owned(), log.sample.as_number().into());
    }
    write(platform, seen, Value::Object(line).to_string());
}

/// Four bytes of a request's id that are random.
fn drawn(id: RequestId) -> u32 {
    let [.., a, b, c, d] = id.uuid().into_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// A line, to the log and to whoever collects it.
fn write<P: Platform>(platform: &P, seen: &Rc<Seen>, line: String) {
    platform.log(&line);
    if seen.lines.is_some() {
        send(platform, seen, Kind::Lines, line);
    }
}

/// Lays an item down, and sends for it if nobody is on the way.
fn send<P: Platform>(platform: &P, seen: &Rc<Seen>, kind: Kind, item: String) {
    let now_ms = platform.now_ms();
    let lane = kind.lane(seen);
    if lane.is_some_and(|lane| lane.queue.borrow_mut().push(item, now_ms)) {
        come(platform, seen, kind);
    }
}

/// Comes for what waits, behind the answer.
fn come<P: Platform>(platform: &P, seen: &Rc<Seen>, kind: Kind) {
    let (own, seen) = (platform.clone(), Rc::clone(seen));
    platform.defer(async move {
        let Some(lane) = kind.lane(&seen) else {
            own.pause(counts::PERIOD_MS).await;
            let line = seen.counts.borrow_mut().line(&ts(&own), own.now_ms());
            return write(&own, &seen, line);
        };
        own.pause(LINGER_MS).await;
        let end_ms = own.now_ms().saturating_add(SENDER_MS);
        loop {
            let batch = lane.queue.borrow_mut().take();
            let Some(batch) = batch else { return };
            if !lane.send(&own, kind.body(&batch, &ts(&own))).await {
                return lane.queue.borrow_mut().failed(batch);
            }
            if own.now_ms() >= end_ms {
                return lane.queue.borrow_mut().leaves();
            }
        }
    });
}

fn ts<P: Platform>(platform: &P) -> String {
    finish::rfc3339(platform.now_ms()).unwrap_or_default()
}
