//! The edge's door: where the origin tells what is no longer true.
//!
//! A notice goes to the edge by POST, signed over its bytes under the keys of the hand-over. Any edge
//! reaches the one feed, so one address is enough. Telling twice is harmless.
//!
//! The door is down: an error, and whoever tells tries again. What the edge still shows by then
//! lives to the end of its lifetime.

use std::time::Duration;

use anyhow::{Context, ensure};
use async_trait::async_trait;
use http::{Request, Uri, header as standard};
use shared::assertion::AssertionKeys;
use shared::feed::{Notice, PATH};
use shared::header;

use crate::http_client::{self, Client};
use crate::platform::Platform;

/// How long the edge may take to be reached.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long it may take to answer: two of these fit into a delivery.
const TELL_TIMEOUT: Duration = Duration::from_secs(4);

/// Somebody who passes notices on to every edge instance.
#[async_trait]
pub trait FeedDoor: Send + Sync {
    /// Tells; once it is `Ok`, the notice is kept on the other side.
    async fn tell(&self, notice: &Notice, traceparent: Option<&str>) -> anyhow::Result<()>;
}

/// The door of an edge that is reached over HTTP.
pub struct HttpDoor {
    client: Client,
    url: Uri,
    keys: AssertionKeys,
    platform: Platform,
}

impl HttpDoor {
    /// The door of the edge at this URL. Nothing connects yet.
    pub fn new(edge_url: &str, keys: AssertionKeys, platform: Platform) -> anyhow::Result<Self> {
        let url = format!("{}{PATH}", edge_url.trim_end_matches('/'));
        let url = http_client::url("EDGE_URL", &url)?;
        let client = http_client::client(CONNECT_TIMEOUT)?;
        Ok(Self {
            client,
            url,
            keys,
            platform,
        })
    }
}

#[async_trait]
impl FeedDoor for HttpDoor {
    async fn tell(&self, notice: &Notice, traceparent: Option<&str>) -> anyhow::Result<()> {
        let bytes = serde_json::to_vec(notice)?;
        let signature = self
            .keys
            .sign_notice(&bytes, self.platform.now().timestamp())
            .context("the notice can't be signed")?;
        let mut request = Request::post(self.url.clone())
            .header(standard::CONTENT_TYPE, "application/json")
            .header(header::ASSERTION, signature);
        if let Some(trace) = traceparent {
            request = request.header("traceparent", trace);
        }
        let sent = self.client.request(request.body(bytes.into())?);
        let answer = tokio::time::timeout(TELL_TIMEOUT, sent)
            .await
            .context("the edge's feed took too long")??;
        let status = answer.status();
        ensure!(status.is_success(), "the edge's feed answered {status}");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_is_named_by_its_url() {
        for (url, door) in [
            ("http://127.0.0.1:8787", Some("http://127.0.0.1:8787/feed")),
            ("https://shop.example/", Some("https://shop.example/feed")),
            ("https://example/api", Some("https://example/api/feed")),
            ("ftp://shop.example", None),
            ("shop.example", None),
            ("", None),
        ] {
            let keys = "k:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE".parse();
            let made = HttpDoor::new(url, keys.unwrap(), Platform::system());
            let url_of = made.as_ref().ok().map(|made| made.url.to_string());
            assert_eq!(url_of.as_deref(), door, "{url}");
        }
    }
}
