//! API keys: made, rotated, revoked; by an admin's request or an operator's command alike. What the edge
//! must hear of is written to the outbox in the same transaction.

use chrono::{SubsecRound, TimeDelta};
use serde_json::json;
use shared::api_key::{ApiKey, KeyHash, RANDOM_BYTES};
use shared::event::EventType;
use shared::id::{ApiKeyId, PlanId};
use shared::partner::{ApiKeyView, CreatedApiKey, NewApiKey};
use shared::plan::Plan;
use shared::problem::FieldError;
use sqlx::PgConnection;

use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::store::outbox::{self, NewEvent};
use crate::store::plan::Lock;
use crate::store::{api_key, plan};

/// Makes a key, in the transaction of the connection.
pub async fn create(
    connection: &mut PgConnection,
    platform: &Platform,
    new: &NewApiKey,
) -> Result<CreatedApiKey, Refusal> {
    let plan = find(connection, &new.plan).await?;
    let plan = plan.ok_or_else(|| {
        Refusal::Body(vec![FieldError {
            pointer: "/plan".to_owned(),
            code: "unknown",
            detail: "there is no such plan".to_owned(),
            fix: "Send the id or the name of one of GET /admin/plans.".to_owned(),
        }])
    })?;
    Ok(make(connection, platform, new, plan.id).await?)
}

async fn find(connection: &mut PgConnection, text: &str) -> sqlx::Result<Option<Plan>> {
    if let Ok(id) = text.parse::<PlanId>()
        && let Some(plan) = plan::read(&mut *connection, id, Lock::Share).await?
    {
        return Ok(Some(plan));
    }
    plan::named(connection, text).await
}

async fn make(
    connection: &mut PgConnection,
    platform: &Platform,
    new: &NewApiKey,
    plan: PlanId,
) -> sqlx::Result<CreatedApiKey> {
    let mut random = [0; RANDOM_BYTES];
    platform.fill(&mut random);
    let key = ApiKey::new(new.mode, random);
    let id = platform.api_key_id();
    let view = api_key::insert(connection, id, &key, new, plan, platform.now()).await?;
    Ok(CreatedApiKey {
        key: key.expose().to_owned(),
        view,
    })
}

/// Makes another key with all that this one has; this one ends after the overlap.
pub async fn rotate(
    connection: &mut PgConnection,
    platform: &Platform,
    id: ApiKeyId,
    overlap_seconds: i64,
    traceparent: Option<&str>,
) -> Result<CreatedApiKey, Refusal> {
    let now = platform.now();
    let held = api_key::lock(connection, id, now)
        .await?
        .ok_or(Refusal::NotFound)?;
    let ApiKeyView {
        name,
        account,
        mode,
        plan,
        scopes,
        ..
    } = held.view;
    let new = NewApiKey {
        name,
        account,
        mode,
        plan: plan.to_string(),
        scopes,
    };
    let made = make(connection, platform, &new, plan).await?;
    let ends = match overlap_seconds {
        // Records tell whole seconds and round up, and one that ends now must not have the rest of its second.
        0 => now.trunc_subsecs(0),
        seconds => now + TimeDelta::seconds(seconds),
    };
    // One that is rotated twice does not live the longer for it.
    let ends = held.expires_at.map_or(ends, |before| before.min(ends));
    api_key::succeed(connection, id, made.view.id, ends).await?;
    let kind = EventType::ApiKeyUpdated;
    tell(connection, platform, kind, id, held.hash, traceparent).await?;
    Ok(made)
}

/// Revokes a key.
pub async fn revoke(
    connection: &mut PgConnection,
    platform: &Platform,
    id: ApiKeyId,
    traceparent: Option<&str>,
) -> Result<(), Refusal> {
    let now = platform.now();
    let held = api_key::lock(connection, id, now)
        .await?
        .ok_or(Refusal::NotFound)?;
    api_key::revoke(connection, id, now).await?;
    let kind = EventType::ApiKeyRevoked;
    tell(connection, platform, kind, id, held.hash, traceparent).await?;
    Ok(())
}

async fn tell(
    connection: &mut PgConnection,
    platform: &Platform,
    kind: EventType,
    id: ApiKeyId,
    hash: KeyHash,
    traceparent: Option<&str>,
) -> sqlx::Result<()> {
    let event = NewEvent {
        id: platform.event_id(),
        kind,
        aggregate: id.uuid(),
        payload: json!({"id": id, "hash": hash}),
        traceparent,
        now: platform.now(),
    };
    outbox::append(connection, &event).await
}
