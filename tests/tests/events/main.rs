//! Events under load, while what carries them dies, and the queues that carry them.

mod at_work;
mod base_backup;
mod conformance;
mod consumers;
mod kill;
mod nats;
mod restore;
mod soak;
mod sqs;
mod worker;
