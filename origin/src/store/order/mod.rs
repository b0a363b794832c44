//! Orders: placed by T1 (`place.sql`), settled by T2 (`settle.sql`), read, changed, cancelled
//! (`cancel.sql`), paid back. One whose payment stays unknown loses its stock (`sweep.sql`), and is
//! settled later (`late.sql`, `reclaim.sql`).

pub mod book;
mod change;
pub mod key;
pub mod late;
pub mod open;
pub mod pay;
pub mod payment;
mod place;
mod read;
pub mod refund;
mod settle;
pub mod stray;

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub use change::{cancel, edit, fulfil, hide};
pub use place::{Line, Placement, Verdict, place};
pub use read::{Attempt, Filter, Position, Viewer, attempt, list, lock, plan, read, view};
pub use settle::{Settlement, settle};

/// What a statement that moves stock tells of classes of stock that are crossed.
#[derive(Debug, Clone, Copy)]
pub struct StockTold<'a> {
    /// Two for each product that may move.
    pub event_ids: &'a [Uuid],
    /// The trace.
    pub traceparent: Option<&'a str>,
    /// Now.
    pub now: DateTime<Utc>,
}

/// How often a transaction that Postgres undid for the sake of another is run again.
pub const REPEATS_MAX: u32 = 3;
