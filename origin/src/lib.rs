//! The shop behind the edge: products and orders over Postgres, and what follows from them.
//!
//! `routes` speaks HTTP, `order` decides, `store` is the only folder with SQL, `events` carries
//! what happened to its consumers, `payment` is the provider behind a trait. [`app::App`] puts them
//! together, for the binary and for tests alike; time and randomness come in through [`platform`].
//!
//! Statements are checked by running, not at build time: no database is needed to build, and every
//! statement is run by a test.

pub mod admission;
pub mod app;
mod arrival;
pub mod asyncapi;
pub mod commands;
pub mod config;
pub mod dead_letter;
pub mod event_log;
pub mod events;
pub mod feed;
pub mod firewall;
pub mod http_client;
pub mod identity;
pub mod log;
pub mod mail;
pub mod metrics;
pub mod oauth;
pub mod openapi;
pub mod order;
pub mod origins;
pub mod partner;
pub mod payment;
pub mod platform;
pub mod purge;
pub mod push;
pub mod queue;
pub mod reads;
pub mod reconcile;
pub mod refusal;
pub mod routes;
pub mod sealed;
pub mod seed;
pub mod sending;
pub mod server;
pub mod services;
pub mod session;
pub mod store;
pub mod trace;
pub mod webhook;
