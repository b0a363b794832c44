//! Push services of browsers, by their standards: RFC 8030 (the request), 8291 (what is in it), 8292 (who
//! sends it). Private addresses are not called, as with webhooks.

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Request, header};
use sqlx::PgPool;
use tokio::sync::OnceCell;

use super::seal::seal;
use super::vapid::Vapid;
use super::{Note, PushGateway};
use crate::platform::Platform;
use crate::store::push::key;
use crate::webhook::address::Target;
use crate::webhook::post::Poster;
use crate::webhook::schedule::Outcome;

/// Web push.
pub struct WebPush {
    pool: PgPool,
    platform: Platform,
    poster: Poster,
    contact: String,
    vapid: OnceCell<Vapid>,
}

impl WebPush {
    /// By this poster; whoever runs a push service may ask at `contact` about us.
    pub fn new(pool: PgPool, platform: Platform, poster: Poster, contact: String) -> Self {
        Self {
            pool,
            platform,
            poster,
            contact,
            vapid: OnceCell::new(),
        }
    }
}

#[async_trait]
impl PushGateway for WebPush {
    async fn push(&self, note: &Note<'_>, now: DateTime<Utc>) -> anyhow::Result<Outcome> {
        let vapid = self
            .vapid
            .get_or_try_init(|| key::ensure(&self.pool, &self.platform))
            .await?;
        let target = match Target::parse(note.endpoint) {
            Ok(target) => target,
            Err(fault) => return Ok(Outcome::Refused(fault.to_string())),
        };
        let mut salt = [0; 16];
        self.platform.fill(&mut salt);
        let body = match seal(note.body.as_bytes(), note.p256dh, note.auth, salt) {
            Ok(body) => Bytes::from(body),
            Err(error) => return Ok(Outcome::Refused(error.to_string())),
        };
        // A push that is sent again takes the place of itself, as long as the browser has not got it.
        let topic = URL_SAFE_NO_PAD.encode(note.event.uuid().as_bytes());
        let ttl = (note.fresh_until - now).num_seconds().max(0);
        let authorization = vapid.authorization(&target.uri, &self.contact, now);
        let request = Request::builder()
            .header(header::AUTHORIZATION, authorization)
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header(header::CONTENT_ENCODING, "aes128gcm")
            .header("ttl", ttl)
            .header("topic", topic)
            .header("urgency", "normal");
        Ok(self.poster.send(target, request, body, now).await)
    }
}
