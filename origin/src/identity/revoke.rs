//! Revoking access tokens before their time: the row, and the event by which the edge hears of it.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use shared::event::EventType;
use shared::revocation::{NewRevocation, Revocation};
use sqlx::PgConnection;

use super::token::{LEEWAY_SECONDS, LIFETIME_SECONDS_MAX};
use crate::platform::Platform;
use crate::store::outbox::{self, NewEvent};
use crate::store::revocation::{self, Terms};

/// Writes a revocation and tells of it, in the transaction of the connection.
pub async fn revoke(
    connection: &mut PgConnection,
    platform: &Platform,
    new: &NewRevocation,
    by: &str,
    traceparent: Option<&str>,
) -> sqlx::Result<Revocation> {
    let now = platform.now();
    let terms = Terms {
        id: platform.revocation_id(),
        by,
        issued_before: issued_before(now),
        expires_at: expires_at(now),
        now,
    };
    let revoked = revocation::insert(connection, new, &terms).await?;
    let event = NewEvent {
        id: platform.event_id(),
        kind: EventType::TokenRevoked,
        aggregate: terms.id.uuid(),
        payload: json!({
            "token_id": new.token_id,
            "subject": new.subject,
            "before": terms.issued_before.timestamp(),
            "expires": terms.expires_at.timestamp(),
        }),
        traceparent,
        now,
    };
    outbox::append(connection, &event).await?;
    Ok(revoked)
}

/// A token says in whole seconds when it was issued, so one of the running second counts as before: it
/// may be the one that was stolen.
fn issued_before(now: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(now.timestamp().saturating_add(1), 0).unwrap_or(now)
}

/// By when the longest-lived token of now has expired.
fn expires_at(now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::seconds(LIFETIME_SECONDS_MAX + LEEWAY_SECONDS)
}
