//! The sandbox payment provider: a service of its own, as a real provider is, with its own book in
//! a database of its own. It knows nothing of the shop; the shop never reads its book.
//!
//! `book` keeps charges and refunds, `methods` says what each payment method does, `api` speaks
//! JSON over HTTP, `line` is a connection that can be dropped in the middle of a request, `teller`
//! sends signed webhooks until they are heard.

pub mod api;
pub mod book;
pub mod clock;
mod line;
pub mod methods;
pub mod teller;
