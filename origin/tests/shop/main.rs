//! The application over a real Postgres: each test has a database of its own, a clock that stands
//! where it is put, and a payment provider that breaks when told to. Every statement runs here.

mod callers;
mod catalogue;
mod converters;
mod door;
mod events;
mod failover;
mod harness;
mod identity;
mod import;
mod keyed_changes;
mod oauth;
mod order_moves;
mod orders;
mod paging;
mod payments;
mod plans;
mod plans_and_keys;
mod products;
mod provider;
mod purge;
mod reads;
mod reconcile;
mod recovery;
mod refunds;
mod revocations;
mod sandbox;
mod sessions;
mod signing_keys;
mod stock;
mod stripe;
mod unknown;
mod users;
mod webhooks;
