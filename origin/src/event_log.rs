//! The log of events as operators see it.

use serde::Serialize;
use serde_json::Value;
use shared::id::{EventId, OrderId, ProductId, PurgeId};
use sqlx::PgPool;
use uuid::Uuid;

use crate::platform::rfc3339;
use crate::store::event_log::{self, Filter, Logged};
use crate::store::page::{Place, Slice};

/// An event in the log.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct LoggedEvent {
    /// Always `event`.
    object: &'static str,
    /// Its id, the same in every delivery.
    pub id: EventId,
    /// Its type.
    #[schema(max_length = 64, pattern = "^[a-z0-9_.-]+$")]
    pub r#type: String,
    /// Which version of the type's data it holds.
    #[schema(minimum = 1)]
    pub schema_version: i16,
    /// To what it happened.
    #[schema(max_length = 64, pattern = "^[a-z0-9_-]+$")]
    pub aggregate_id: String,
    /// The resource as it was right after the change.
    #[schema(value_type = Object)]
    pub data: Value,
    /// The trace that it belongs to [W3C Trace Context].
    #[schema(required, max_length = 55, pattern = "^[0-9a-f-]+$")]
    pub traceparent: Option<String>,
    /// When it happened.
    pub created_at: String,
}

impl From<Logged> for LoggedEvent {
    fn from(logged: Logged) -> Self {
        let shown = logged.payload.get("id").and_then(Value::as_str);
        Self {
            object: "event",
            id: EventId::from_uuid(logged.id),
            r#type: logged.r#type,
            schema_version: logged.schema_version,
            aggregate_id: shown.map_or_else(|| logged.aggregate_id.to_string(), str::to_owned),
            data: logged.payload,
            traceparent: logged.traceparent,
            created_at: rfc3339(logged.created_at),
        }
    }
}

/// What an id of an order, a product or a purge stands for in the log.
pub fn aggregate(id: &str) -> Option<Uuid> {
    let order = id.parse().map(OrderId::uuid);
    let product = || id.parse().map(ProductId::uuid);
    let purge = || id.parse().map(PurgeId::uuid);
    order.or_else(|_| product()).or_else(|_| purge()).ok()
}

/// A page of the log, newest first.
pub async fn list(
    pool: &PgPool,
    filter: &Filter,
    place: Option<Place<Uuid>>,
    limit: i64,
) -> sqlx::Result<Slice<LoggedEvent, Uuid>> {
    let page = event_log::list(pool, filter, place, limit).await?;
    Ok(Slice {
        rows: page.rows.into_iter().map(LoggedEvent::from).collect(),
        previous: page.previous,
        next: page.next,
    })
}
