//! Being seen: lines and spans on their way to whoever collects them, in pure functions.
//!
//! [`crate::pipeline::handle`] tells of each request behind its answer; nothing here is ever waited for, and
//! what does not fit is counted.

pub mod counts;
pub mod otlp;
pub mod queue;
