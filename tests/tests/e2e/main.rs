//! End to end: the real Worker on real workerd, the real origin, a real Postgres.

mod cache;
mod chaos;
mod client;
mod codes;
mod contention;
mod crash;
mod dev;
mod drain;
mod drills;
mod firewall;
mod http;
mod known_failures;
mod limits;
mod limits_over_time;
mod orders;
mod origins;
mod panics;
mod partners;
mod payments;
mod purge;
mod reads;
mod rest;
mod schemathesis;
mod shapes;
mod shield;
mod versions;
