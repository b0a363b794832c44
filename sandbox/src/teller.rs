//! Tells of charges: signed webhooks [Standard Webhooks], sent again until they are answered with 2xx.

use std::time::Duration;

use anyhow::Context;
use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use secrecy::{ExposeSecret, SecretString};
use standardwebhooks::Webhook;

use crate::book::{Book, Untold};
use crate::clock;

/// How often it looks.
const POLL: Duration = Duration::from_millis(500);
/// How long the listener may take.
const TELL_TIMEOUT: Duration = Duration::from_secs(5);
/// Events a step.
const BATCH_MAX: i64 = 50;

/// Sends what the book has to tell.
pub struct Teller {
    book: Book,
    client: Client<HttpConnector, Full<Bytes>>,
    url: Uri,
    webhook: Webhook,
}

impl Teller {
    /// To this URL, signed under this secret (`whsec_` and base64).
    pub fn new(book: Book, url: &str, secret: &SecretString) -> anyhow::Result<Self> {
        let url: Uri = url.parse().context("the webhook's URL is none")?;
        anyhow::ensure!(
            url.scheme_str() == Some("http") && url.host().is_some(),
            "the sandbox tells over http alone: it is there for one machine"
        );
        let webhook = Webhook::new(secret.expose_secret())
            .context("the webhook's secret is not `whsec_` and base64")?;
        Ok(Self {
            book,
            client: Client::builder(TokioExecutor::new()).build_http(),
            url,
            webhook,
        })
    }

    /// Tells what is due. How many were heard.
    pub async fn step(&self) -> anyhow::Result<usize> {
        let mut heard = 0;
        for event in self.book.untold(clock::now(), BATCH_MAX).await? {
            let fine = match self.tell(&event).await {
                Ok(()) => true,
                Err(error) => {
                    tracing::info!(%error, event = event.id, "not heard; told again later");
                    false
                }
            };
            heard += usize::from(fine);
            self.book.told(&event, fine, clock::now()).await?;
        }
        Ok(heard)
    }

    /// Works until the process ends.
    pub async fn run(&self) {
        loop {
            match self.step().await {
                Ok(0) => tokio::time::sleep(POLL).await,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "the book can't be read");
                    tokio::time::sleep(POLL).await;
                }
            }
        }
    }

    async fn tell(&self, event: &Untold) -> anyhow::Result<()> {
        let now = clock::now().timestamp();
        let signature = self
            .webhook
            .sign(&event.id, now, event.payload.as_bytes())?;
        let request = Request::post(self.url.clone())
            .header(http::header::CONTENT_TYPE, "application/json")
            .header(standardwebhooks::HEADER_WEBHOOK_ID, &event.id)
            .header(standardwebhooks::HEADER_WEBHOOK_TIMESTAMP, now)
            .header(standardwebhooks::HEADER_WEBHOOK_SIGNATURE, signature)
            .body(event.payload.clone().into())?;
        let answer = tokio::time::timeout(TELL_TIMEOUT, self.client.request(request))
            .await
            .context("it took too long")??;
        anyhow::ensure!(answer.status().is_success(), "{}", answer.status());
        Ok(())
    }
}
