//! What a process counts, in Prometheus's text format (GET /metrics).
//!
//! Labels are bounded: routes by their row in the table and never by what a client sent, methods by a
//! list, statuses by their number. What belongs to the whole shop (consumers, dead letters) is read from
//! the database when somebody asks, and is the same at every process.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use http::{Method, StatusCode};
use prometheus::core::Collector;
use prometheus::{
    GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, TextEncoder,
};

use crate::app::Shop;
use crate::store::alerts::{self, Watched};
use crate::store::webhook::letter;

/// The text format's media type.
pub const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The labels of what has none.
const NONE: &[&str] = &[];

/// What a request is counted under whose path is in no row.
pub const UNMATCHED: &str = "unmatched";

/// The row of the table that memory answers.
pub const PRODUCT: &str = "/products/{id}";

/// Bounds of the times that requests take, seconds: from a read from memory to a slow provider.
const SECONDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];

/// What a read of products was answered from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The process's memory.
    Memory,
    /// The cache that processes share.
    Redis,
    /// The replica.
    Replica,
    /// The primary, by right.
    Primary,
    /// The primary, in the replica's place.
    Fallback,
}

impl Source {
    const fn label(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Redis => "redis",
            Self::Replica => "replica",
            Self::Primary => "primary",
            Self::Fallback => "fallback",
        }
    }
}

/// What a look into the shared cache has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    /// A product that was new enough.
    Hit,
    /// Nothing.
    Miss,
    /// A product that was not new enough.
    Old,
    /// Something that is no entry.
    Unreadable,
    /// It failed, and so the cache is out.
    Failed,
    /// Nobody looked, since it is out.
    Out,
}

impl Lookup {
    const fn label(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Old => "old",
            Self::Unreadable => "unreadable",
            Self::Failed => "failed",
            Self::Out => "out",
        }
    }
}

/// What is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    connections: IntGaugeVec,
    database_up: IntGauge,
    behind: GaugeVec,
    dead: IntGaugeVec,
    reads: IntCounterVec,
    reads_refused: IntCounter,
    cache_up: IntGaugeVec,
    cache_lookups: IntCounterVec,
    replica_up: IntGaugeVec,
    replica_lag: GaugeVec,
    replica_lag_bytes: IntGaugeVec,
    /// Spans that a collector took, and that were dropped.
    pub spans: IntCounterVec,
    product: Product,
}

/// Counters of the most frequent request, looked up once.
#[derive(Debug)]
struct Product {
    from_memory: IntCounter,
    shown: IntCounter,
    seconds: Histogram,
}

impl Product {
    fn new(reads: &IntCounterVec, requests: &IntCounterVec, seconds: &HistogramVec) -> Self {
        Self {
            from_memory: reads.with_label_values(&[Source::Memory.label()]),
            shown: requests.with_label_values(&["GET", PRODUCT, "200"]),
            seconds: seconds.with_label_values(&["GET", PRODUCT]),
        }
    }
}

impl Metrics {
    /// All at zero.
    ///
    /// # Errors
    /// None for these names.
    pub fn new() -> prometheus::Result<Self> {
        let requests = counters(
            "headgate_http_requests_total",
            "Requests answered.",
            &["method", "route", "status"],
        )?;
        let seconds = times(
            "headgate_http_request_seconds",
            "How long requests took until their answer began.",
            &["method", "route"],
        )?;
        let reads = counters(
            "headgate_reads_total",
            "Reads of products by what they were answered from; fallback is the primary in the \
                 replica's place.",
            &["source"],
        )?;
        let registry = Registry::new();
        let metrics = Self {
            product: Product::new(&reads, &requests, &seconds),
            requests,
            seconds,
            connections: gauges(
                "headgate_database_connections",
                "Connections of the pool that serves requests.",
                &["state"],
            )?,
            database_up: IntGauge::new(
                "headgate_database_up",
                "Whether the database answered this scrape.",
            )?,
            behind: fractions(
                "headgate_consumer_behind_seconds",
                "Age of the oldest tick of the log that a consumer has not read up to.",
                &["consumer"],
            )?,
            dead: gauges(
                "headgate_dead_letters",
                "Dead letters of a consumer; those of all webhooks are one.",
                &["consumer"],
            )?,
            reads,
            reads_refused: IntCounter::new(
                "headgate_reads_refused_total",
                "Reads refused since as many read from the primary in the replica's place as may.",
            )?,
            // Without labels these would stand there where no Redis is, and those where no replica is.
            cache_up: gauges(
                "headgate_redis_up",
                "Whether the shared cache did what the last check or read asked of it.",
                &[],
            )?,
            cache_lookups: counters(
                "headgate_redis_lookups_total",
                "Looks into the shared cache, which come after those into the process's memory.",
                &["outcome"],
            )?,
            replica_up: gauges(
                "headgate_replica_up",
                "Whether the replica answered the last check.",
                &[],
            )?,
            replica_lag: fractions(
                "headgate_replica_lag_seconds",
                "For how long the replica has not come to where the primary was.",
                &[],
            )?,
            replica_lag_bytes: gauges(
                "headgate_replica_lag_bytes",
                "What of the primary's log the replica has not replayed.",
                &[],
            )?,
            spans: counters(
                "headgate_spans_total",
                "Spans that a collector took, and that were dropped before.",
                &["state"],
            )?,
            registry,
        };
        for state in ["sent", "dropped"] {
            metrics.spans.with_label_values(&[state]);
        }
        for one in metrics.collectors() {
            metrics.registry.register(one)?;
        }
        Ok(metrics)
    }

    /// All of it, each a metric of its own.
    fn collectors(&self) -> [Box<dyn Collector>; 14] {
        [
            Box::new(self.requests.clone()),
            Box::new(self.seconds.clone()),
            Box::new(self.connections.clone()),
            Box::new(self.database_up.clone()),
            Box::new(self.behind.clone()),
            Box::new(self.dead.clone()),
            Box::new(self.reads.clone()),
            Box::new(self.reads_refused.clone()),
            Box::new(self.cache_up.clone()),
            Box::new(self.cache_lookups.clone()),
            Box::new(self.replica_up.clone()),
            Box::new(self.replica_lag.clone()),
            Box::new(self.replica_lag_bytes.clone()),
            Box::new(self.spans.clone()),
        ]
    }

    /// Counts a request.
    pub fn answered(&self, method: &Method, route: &str, status: StatusCode, seconds: f64) {
        if (method, route, status) == (&Method::GET, PRODUCT, StatusCode::OK) {
            self.product.shown.inc();
            self.product.seconds.observe(seconds);
            return;
        }
        let (method, route) = (method_label(method), route_label(route));
        self.requests
            .with_label_values(&[method, route, status.as_str()])
            .inc();
        self.seconds
            .with_label_values(&[method, route])
            .observe(seconds);
    }

    /// Counts a read of products.
    pub fn read(&self, from: Source) {
        if from == Source::Memory {
            self.product.from_memory.inc();
            return;
        }
        self.reads.with_label_values(&[from.label()]).inc();
    }

    /// Counts one that was refused, since the replica's place is taken by as many as may.
    pub fn read_refused(&self) {
        self.reads_refused.inc();
    }

    /// Counts a look into the shared cache.
    pub fn looked_up(&self, outcome: Lookup) {
        self.cache_lookups
            .with_label_values(&[outcome.label()])
            .inc();
    }

    /// Whether the shared cache does what it should.
    pub fn cache_up(&self, up: bool) {
        self.cache_up.with_label_values(NONE).set(up.into());
    }

    /// How a check found the replica.
    pub fn replica(&self, up: bool, lag: TimeDelta, bytes: u64) {
        self.replica_up(up);
        let seconds = lag.as_seconds_f64();
        self.replica_lag.with_label_values(NONE).set(seconds);
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.replica_lag_bytes.with_label_values(NONE).set(bytes);
    }

    /// Whether the replica answers.
    pub fn replica_up(&self, up: bool) {
        self.replica_up.with_label_values(NONE).set(up.into());
    }

    /// How consumers stand. Who is no more is forgotten.
    fn consumers(&self, consumers: &[Watched], now: DateTime<Utc>) {
        self.behind.reset();
        self.dead.reset();
        let mut dead = BTreeMap::from([(letter::WEBHOOKS, 0)]);
        for one in consumers {
            let consumer = letter::kind(&one.consumer);
            *dead.entry(consumer).or_default() += one.dead;
            if one.reads {
                let behind = one
                    .behind_since
                    .map_or(0.0, |since| (now - since).as_seconds_f64().max(0.0));
                self.behind.with_label_values(&[consumer]).set(behind);
            }
        }
        for (consumer, dead) in dead {
            self.dead.with_label_values(&[consumer]).set(dead);
        }
    }

    /// All of it, as text. Without the database, what the process knows itself.
    ///
    /// # Errors
    /// What can't be written.
    pub async fn text(&self, shop: &Shop) -> prometheus::Result<String> {
        let (size, idle) = (i64::from(shop.pool.size()), shop.pool.num_idle());
        let idle = i64::try_from(idle).unwrap_or(size);
        for (state, count) in [("idle", idle), ("busy", (size - idle).max(0))] {
            self.connections.with_label_values(&[state]).set(count);
        }
        match alerts::watched(&shop.pool).await {
            Ok(consumers) => {
                self.database_up.set(1);
                self.consumers(&consumers, shop.platform.now());
            }
            Err(error) => {
                tracing::warn!(%error, "consumers can't be counted");
                self.database_up.set(0);
                self.behind.reset();
                self.dead.reset();
            }
        }
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

/// Counters, one for each value of their labels.
fn counters(name: &str, help: &str, labels: &[&str]) -> prometheus::Result<IntCounterVec> {
    IntCounterVec::new(Opts::new(name, help), labels)
}

/// How often something took how long.
fn times(name: &str, help: &str, labels: &[&str]) -> prometheus::Result<HistogramVec> {
    let buckets = HistogramOpts::new(name, help).buckets(SECONDS.to_vec());
    HistogramVec::new(buckets, labels)
}

/// Whole numbers that go up and down.
fn gauges(name: &str, help: &str, labels: &[&str]) -> prometheus::Result<IntGaugeVec> {
    IntGaugeVec::new(Opts::new(name, help), labels)
}

/// The same of what may be a fraction.
fn fractions(name: &str, help: &str, labels: &[&str]) -> prometheus::Result<GaugeVec> {
    GaugeVec::new(Opts::new(name, help), labels)
}

/// Versions are the edge's affair: a row is one route.
fn route_label(route: &str) -> &str {
    match route.strip_prefix("/v2") {
        Some(rest) if rest.starts_with('/') => rest,
        _ => route,
    }
}

/// A method of HTTP; clients may make others up.
fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests;
