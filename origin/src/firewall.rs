//! Who is let in at the edge, set at run time: by an admin's request or an operator's command alike. What
//! the edge must hear of is written to the outbox in the same transaction.
//!
//! Decides, once the lists that hold are locked: whether those that are to follow leave out everybody or
//! whoever sends them ([`shared::firewall::locked`]). That is 409 unless it is forced.

use std::net::IpAddr;

use serde_json::json;
use shared::event::EventType;
use shared::firewall::{Firewall, Locked, NewFirewall, locked};
use shared::problem::{Code, Problem};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::store::firewall::{self, Change};
use crate::store::outbox::{self, NewEvent};

/// There is one of it, so its events are of one aggregate.
const AGGREGATE: Uuid = Uuid::nil();

/// Who changes the lists.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// The subject, or `operator`.
    pub by: &'a str,
    /// The address, if the edge would see one.
    pub address: Option<IpAddr>,
    /// The country, if it is known.
    pub country: Option<&'a str>,
    /// The trace that it belongs to.
    pub traceparent: Option<&'a str>,
}

/// Lets other lists hold from now on, or with none those of the edge's configuration. They are locked
/// ([`firewall::lock`]), in the transaction that this one joins.
pub async fn change(
    connection: &mut PgConnection,
    platform: &Platform,
    lists: Option<&NewFirewall>,
    sender: Sender<'_>,
) -> Result<Firewall, Refusal> {
    let found = lists.filter(|new| !new.force);
    let found = found.and_then(|new| locked(&new.lists(), sender.address, sender.country));
    if let Some(locked) = found {
        return Err(refused(locked));
    }
    let now = platform.now();
    let change = Change { by: sender.by, now };
    let changed = firewall::change(connection, lists, change).await?;
    let event = NewEvent {
        id: platform.event_id(),
        kind: EventType::FirewallUpdated,
        aggregate: AGGREGATE,
        payload: json!({"version": changed.version}),
        traceparent: sender.traceparent,
        now,
    };
    outbox::append(connection, &event).await?;
    tracing::info!(target: "audit", by = sender.by, version = changed.version,
        in_force = changed.in_force, forced = lists.is_some_and(|new| new.force),
        "the firewall's lists were changed");
    Ok(changed)
}

fn refused(locked: Locked) -> Refusal {
    let whom = match locked {
        Locked::Everybody => "all addresses of a kind, or all that they allow",
        Locked::Sender => "the address or the country that this request comes from",
    };
    let detail = format!("The lists leave out {whom}. Send `force: true` if that is meant.");
    Problem::new(Code::FirewallLocksOut, detail).into()
}
