//! Rate limits: what a caller may, its book, leases of it, and the fields that tell a client.

pub mod ahead;
pub mod book;
pub mod fields;
pub mod gcra;
pub mod guesses;
pub mod lease;
pub mod local;
pub mod terms;
pub mod wire;
