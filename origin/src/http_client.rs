//! Requests to others: one client, with the one TLS provider and roots that need no file on the
//! machine.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Uri, header};
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use crate::events::alerts::Bell;

/// How long an alert's receiver may take to be reached.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long it may take to answer.
const RING_TIMEOUT: Duration = Duration::from_secs(5);

/// The client.
pub type Client = legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// A client that waits so long for a connection.
pub fn client(connect_timeout: Duration) -> anyhow::Result<Client> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let roots: rustls::RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_connect_timeout(Some(connect_timeout));
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .wrap_connector(connector);
    Ok(legacy::Client::builder(TokioExecutor::new()).build(connector))
}

/// The URL of a setting, if it is one that can be asked.
pub fn url(setting: &str, url: &str) -> anyhow::Result<Uri> {
    let parsed: Uri = url
        .parse()
        .with_context(|| format!("{setting}={url} is no URL"))?;
    ensure!(
        matches!(parsed.scheme_str(), Some("http" | "https")) && parsed.host().is_some(),
        "{setting}={url} must begin with http:// or https:// and a host"
    );
    Ok(parsed)
}

/// Rings by a POST to a URL, such as a chat's incoming webhook.
pub struct HttpBell {
    client: Client,
    url: Uri,
}

impl HttpBell {
    /// Nothing connects yet.
    pub fn new(alert_webhook_url: &str) -> anyhow::Result<Self> {
        Ok(Self {
            client: client(CONNECT_TIMEOUT)?,
            url: url("ALERT_WEBHOOK_URL", alert_webhook_url)?,
        })
    }
}

#[async_trait]
impl Bell for HttpBell {
    async fn ring(&self, alert: &Value) -> anyhow::Result<()> {
        let request = Request::post(self.url.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::from(alert.to_string()))?;
        let answer = tokio::time::timeout(RING_TIMEOUT, self.client.request(request))
            .await
            .context("the alerts' webhook took too long")??;
        let status = answer.status();
        ensure!(status.is_success(), "the alerts' webhook answered {status}");
        Ok(())
    }
}
