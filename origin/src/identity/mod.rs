//! Who is calling: the edge's signed word, or, where that is switched on, a token of our own.

pub mod issue;
pub mod keys;
pub mod middleware;
pub mod pair;
pub mod password;
pub mod revoke;
pub mod rotation;
pub mod token;
