//! One try: a POST to the receiver, and what came of it.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Method, Request, header, request};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP};

use super::address::Target;
use super::connect::{Connector, Refused, Resolve};
use super::schedule::{ANSWER_TIMEOUT, Outcome, retry_after};

/// Most of an answer's body that is read, so that its connection can be used again. It says nothing
/// to us.
const BODY_BYTES_MAX: usize = 16 * 1024;
/// How long that may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(1);
/// Who we say we are.
const USER_AGENT: &str = "Headgate-Webhooks/1";

/// A signed message.
#[derive(Debug)]
pub struct Message<'a> {
    /// Where to.
    pub url: &'a str,
    /// The event's id, the same at each try.
    pub id: &'a str,
    /// When it is sent, in Unix seconds.
    pub timestamp: i64,
    /// Its signatures.
    pub signature: &'a str,
    /// Its text.
    pub body: &'a str,
}

/// Sends messages.
pub struct Poster {
    client: Client<HttpsConnector<Connector>, Full<Bytes>>,
    allow_private: bool,
    answer_timeout: Duration,
}

impl Poster {
    /// By this resolver. Where private addresses are allowed, `http` is too.
    pub fn new(resolver: Arc<dyn Resolve>, allow_private: bool) -> anyhow::Result<Self> {
        // As the payment provider is called: the one crypto provider, roots that need no file.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots: rustls::RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(Connector::new(resolver, allow_private));
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            allow_private,
            answer_timeout: ANSWER_TIMEOUT,
        })
    }

    /// Waits for an answer so long instead.
    #[must_use]
    pub const fn patient_for(mut self, answer_timeout: Duration) -> Self {
        self.answer_timeout = answer_timeout;
        self
    }

    /// Sends one, once.
    pub async fn post(&self, message: &Message<'_>, now: DateTime<Utc>) -> Outcome {
        let target = match Target::parse(message.url) {
            Ok(target) => target,
            Err(fault) => return Outcome::Refused(fault.to_string()),
        };
        let request = Request::builder()
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, USER_AGENT)
            .header(HEADER_WEBHOOK_ID, message.id)
            .header(HEADER_WEBHOOK_TIMESTAMP, message.timestamp)
            .header(HEADER_WEBHOOK_SIGNATURE, message.signature);
        let body = Bytes::copy_from_slice(message.body.as_bytes());
        self.send(target, request, body, now).await
    }

    /// Sends a body with these fields, once.
    pub(crate) async fn send(
        &self,
        target: Target,
        request: request::Builder,
        body: Bytes,
        now: DateTime<Utc>,
    ) -> Outcome {
        if !target.is_https() && !self.allow_private {
            return Outcome::Refused("the URL is not https".to_owned());
        }
        let request = request.method(Method::POST).uri(target.uri);
        let request = match request.body(Full::new(body)) {
            Ok(request) => request,
            Err(error) => return Outcome::Refused(error.to_string()),
        };
        match tokio::time::timeout(self.answer_timeout, self.client.request(request)).await {
            Err(_) => {
                let limit = self.answer_timeout;
                Outcome::NoAnswer(format!("no answer within {limit:?}"))
            }
            Ok(Err(error)) => why(&error),
            Ok(Ok(response)) => {
                let (head, body) = response.into_parts();
                let reading = Limited::new(body, BODY_BYTES_MAX).collect();
                // The status has said it all; one whose body does not end in time is hung up on.
                let _ = tokio::time::timeout(BODY_TIMEOUT, reading).await;
                let field = head.headers.get(header::RETRY_AFTER);
                let field = field.and_then(|value| value.to_str().ok());
                Outcome::Answered {
                    status: head.status.as_u16(),
                    retry_after: field.and_then(|field| retry_after(field, now)),
                }
            }
        }
    }
}

/// The reason behind the client's own words, which say little.
fn why(error: &(dyn Error + 'static)) -> Outcome {
    let mut innermost = error;
    let mut cause = Some(error);
    while let Some(error) = cause {
        let refused = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref)
            .and_then(|inner| inner.downcast_ref::<Refused>());
        if let Some(refused) = refused {
            return Outcome::Refused(refused.to_string());
        }
        innermost = error;
        cause = error.source();
    }
    Outcome::NoAnswer(innermost.to_string())
}
