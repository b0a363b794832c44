//! Events under load, while what carries them dies, and the queues that carry them.

mod conformance;
mod consumers;
mod kill;
mod nats;
mod sqs;
mod worker;
