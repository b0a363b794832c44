//! A shop that tells what it does.

use serde_json::Value;

use super::database::demo_users;
use super::programs::run_origin;
use super::{Layout, Options, Shop};

/// Where it is told.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// A collector of traces.
    collector: Option<String>,
    /// A receiver of log lines.
    log: Option<String>,
    /// What else the origin is told, by variables.
    settings: Vec<(&'static str, String)>,
}

const COLLECTOR: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

impl Seen {
    /// The edge's text bindings.
    pub(super) fn of_edge(&self) -> Vec<(String, String)> {
        let pair = |name: &str, url: &Option<String>| Some((name.to_owned(), url.clone()?));
        [
            pair(COLLECTOR, &self.collector),
            pair("ACCESS_LOG_URL", &self.log),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The origin's variables.
    pub(super) fn of_origin(&self) -> Vec<(&'static str, String)> {
        let collector = self.collector.clone().map(|url| (COLLECTOR, url));
        self.settings.iter().cloned().chain(collector).collect()
    }
}

impl Shop {
    /// A shop that tells a collector (none: empty), and perhaps a receiver of log lines.
    pub async fn start_seen(collector: &str, log: Option<&str>) -> Self {
        Self::start_seen_with(collector, log, &[]).await
    }

    /// The same, whose origin has these settings besides.
    pub async fn start_seen_with(
        collector: &str,
        log: Option<&str>,
        settings: &[(&'static str, &str)],
    ) -> Self {
        let settings = settings
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        let layout = Layout {
            seen: Seen {
                collector: Some(collector.to_owned()).filter(|url| !url.is_empty()),
                log: log.map(str::to_owned),
                settings: settings.collect(),
            },
            ..Layout::of(1)
        };
        Self::laid_out(layout, Options::default()).await
    }

    /// The demo customer's id.
    pub fn customer(&self) -> &'static str {
        demo_users().0
    }

    /// What `origin explain` tells of a request.
    pub fn explain(&self, request_id: &str) -> Value {
        let told = run_origin(&self.database_url, &["explain", request_id, "--json"]);
        serde_json::from_str(&told).expect("JSON")
    }
}
