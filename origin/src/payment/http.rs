//! Calling a provider over HTTP: one try, a whole answer or none.

use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use bytes::Bytes;
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::de::DeserializeOwned;

use super::NoAnswer;

/// How long a provider may take to be reached.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Most bytes of an answer.
const BODY_BYTES_MAX: usize = 256 * 1024;

/// A provider that is reached over HTTP.
pub(super) struct Http {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    url: String,
}

/// What it answered.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    body: Bytes,
}

impl Http {
    /// The provider at this URL, which the setting of that name holds. Nothing connects yet.
    pub(super) fn new(setting: &str, url: &str) -> anyhow::Result<Self> {
        let parsed = url.parse::<Uri>().ok().filter(|url| {
            matches!(url.scheme_str(), Some("http" | "https")) && url.host().is_some()
        });
        ensure!(
            parsed.is_some(),
            "{setting}={url} must begin with http:// or https:// and a host"
        );
        // As mail does: the one provider, and roots that need no file on the machine.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots: rustls::RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            url: url.trim_end_matches('/').to_owned(),
        })
    }

    /// A request to that path.
    pub(super) fn request(&self, method: http::Method, path: &str) -> http::request::Builder {
        Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
    }

    /// Sends it. The caller bounds the time.
    pub(super) async fn send(
        &self,
        request: http::request::Builder,
        body: impl Into<Bytes>,
    ) -> Result<Answer, NoAnswer> {
        let request = request
            .body(Full::new(body.into()))
            .map_err(|error| NoAnswer(error.to_string()))?;
        let response = self.client.request(request).await.map_err(|error| {
            use std::error::Error;
            // "client error (SendRequest)" alone says little; the cause says what broke.
            let cause = error.source().map(ToString::to_string);
            NoAnswer(cause.unwrap_or_else(|| error.to_string()))
        })?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, BODY_BYTES_MAX).collect().await;
        let body = body.map_err(|error| NoAnswer(error.to_string()))?;
        Ok(Answer {
            status: head.status,
            body: body.to_bytes(),
        })
    }
}

impl Answer {
    /// The body, if the status is one of these. Any other says nothing of what was done.
    pub(super) fn read<T: DeserializeOwned>(&self, fine: &[StatusCode]) -> Result<T, NoAnswer> {
        if !fine.contains(&self.status) {
            return Err(NoAnswer(self.status.to_string()));
        }
        serde_json::from_slice(&self.body).map_err(|error| NoAnswer(error.to_string()))
    }
}
