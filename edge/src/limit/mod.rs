//! Rate limits: the bucket itself, and the fields that tell a client about it.

pub mod ahead;
pub mod fields;
pub mod gcra;
pub mod wire;
