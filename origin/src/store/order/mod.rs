//! Orders: placed by T1 (`place.sql`), settled by T2 (`settle.sql`), read.

pub mod key;
mod place;
mod read;
mod settle;

pub use place::{Line, Placement, Verdict, place};
pub use read::{Attempt, Position, attempt, list, read};
pub use settle::{Settlement, settle};

/// How often a transaction that Postgres undid for the sake of another is run again.
pub const REPEATS_MAX: u32 = 3;
