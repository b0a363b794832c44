//! The application over a real Postgres: each test has a database of its own, a clock that stands
//! where it is put, and a payment provider that breaks when told to. Every statement runs here.

mod analytics;
mod callers;
mod catalogue;
mod dead_letters;
mod door;
mod events;
mod failures;
mod harness;
mod hooks;
mod identity;
mod import;
mod keyed_changes;
mod log;
mod mail;
mod order_moves;
mod orders;
mod paging;
mod payments;
mod plans;
mod products;
mod provider;
mod purge;
mod reads;
mod receiver;
mod recovery;
mod refunds;
mod sandbox;
mod stock;
mod unknown;
mod users;
mod webhooks;
