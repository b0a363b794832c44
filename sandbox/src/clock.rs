//! The service's clock. The book takes times as parameters, so that a simulation can have its own.

use chrono::{DateTime, Utc};

/// Now, in whole microseconds: what Postgres keeps.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one adapter that asks the system"
)]
pub fn now() -> DateTime<Utc> {
    let now: DateTime<Utc> = std::time::SystemTime::now().into();
    DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
}
