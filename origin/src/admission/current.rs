//! What the work of a request knows of its bounds, wherever it has come to: as a task's own, since every
//! statement would have to be handed it otherwise.

use std::time::Duration;

use tokio::time::Instant;

use super::Place;
use crate::trace;

tokio::task_local! {
    static CURRENT: Current;
}

/// The bounds of a request.
#[derive(Debug, Clone)]
pub struct Current {
    /// Where it is counted.
    pub place: Place,
    /// When nobody waits for its answer any more, if somebody has said so.
    pub ends: Option<Instant>,
}

/// Works within these bounds.
pub async fn within<T>(current: Current, work: impl Future<Output = T>) -> T {
    CURRENT.scope(current, work).await
}

/// For a task of its own: the bounds of the one that starts it, and its span.
pub fn carried<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let current = CURRENT.try_with(Clone::clone).ok();
    let work = trace::carried(work);
    async move {
        match current {
            Some(current) => within(current, work).await,
            None => work.await,
        }
    }
}

/// When nobody waits any more.
pub fn ends() -> Option<Instant> {
    CURRENT.try_with(|current| current.ends).ok().flatten()
}

/// How long somebody still waits.
pub fn left() -> Option<Duration> {
    ends().map(|ends| ends.saturating_duration_since(Instant::now()))
}

/// Waits for somebody else, who needs no connection of ours, without taking up a place.
pub async fn outside<T>(waiting: impl Future<Output = T>) -> T {
    let held = CURRENT.try_with(|current| current.place.0.clone());
    match held.ok().flatten() {
        Some(held) => held.outside(waiting).await,
        None => waiting.await,
    }
}
