//! Where the edge sends requests, set at run time: by an admin's request or an operator's command alike. The
//! edge signs callers to whoever is listed, so each change is in the log with who made it, and what the edge
//! must hear of is written to the outbox in the same transaction.
//!
//! No list is refused for whom it leads to: the edge asks the origins of its own deployment first for what
//! mends a list, so that a mistake can be taken back (docs/origins.md).

use serde_json::json;
use shared::event::EventType;
use shared::origins::{NewOrigins, Origins};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::platform::Platform;
use crate::store::origins::{self, Change};
use crate::store::outbox::{self, NewEvent};

/// There is one of it, so its events are of one aggregate.
const AGGREGATE: Uuid = Uuid::nil();

/// Who changes the lists.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// The subject, or `operator`.
    pub by: &'a str,
    /// The trace that it belongs to.
    pub traceparent: Option<&'a str>,
}

/// Lets other lists hold from now on, or with none those of the edge's deployment. They are locked
/// ([`origins::lock`]), in the transaction that this one joins.
pub async fn change(
    connection: &mut PgConnection,
    platform: &Platform,
    lists: Option<&NewOrigins>,
    sender: Sender<'_>,
) -> sqlx::Result<Origins> {
    let now = platform.now();
    let change = Change { by: sender.by, now };
    let changed = origins::change(connection, lists, change).await?;
    let event = NewEvent {
        id: platform.event_id(),
        kind: EventType::OriginsUpdated,
        aggregate: AGGREGATE,
        payload: json!({"version": changed.version}),
        traceparent: sender.traceparent,
        now,
    };
    outbox::append(connection, &event).await?;
    tracing::info!(target: "audit", by = sender.by, version = changed.version,
        in_force = changed.in_force, pools = %json!(changed.pools),
        "the origins of the pools were changed");
    Ok(changed)
}
