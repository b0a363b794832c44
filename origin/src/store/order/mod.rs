//! Orders: placed by T1 (`place.sql`), settled by T2 (`settle.sql`), read, changed, cancelled
//! (`cancel.sql`), paid back. One whose payment stays unknown loses its stock (`sweep.sql`), and is
//! settled later (`late.sql`, `reclaim.sql`).

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

pub use change::{cancel, edit, fulfil, hide};
pub use place::{Line, Placement, Verdict, place};
pub use read::{Attempt, Filter, Position, Viewer, attempt, list, lock, plan, read, view};
pub use settle::{Settlement, settle};

/// How often a transaction that Postgres undid for the sake of another is run again.
pub const REPEATS_MAX: u32 = 3;
