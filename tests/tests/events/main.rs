//! Events under load, while what carries them dies.

mod consumers;
mod kill;
mod worker;
