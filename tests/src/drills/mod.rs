//! Drills: parts of a running shop are broken on purpose, each with the effect that is expected, which is
//! asserted. `cargo xtask drill` runs them; the quickest are end-to-end tests too.
//!
//! Each leaves the shop as it found it, so that they can follow each other on one stage, and each ends with the
//! same question: is there one order and one charge for every key?

pub mod client;
mod clock;
mod database;
mod deaths;
mod disk;
mod hand_over;
mod keys;
mod killed;
pub mod load;
mod origins;
pub mod stage;

use std::time::Duration;

use anyhow::{Context, Result};
use clap::ValueEnum;
use xtask::cluster::Part;

pub use deaths::deaths;
pub use stage::{Props, Stage};

/// What a drill saw.
#[derive(Debug)]
pub struct Seen {
    /// From the fault, or from its end where the shop is not whole during it, until all was well again.
    pub recovery: Option<Duration>,
    /// What else is worth telling.
    pub note: String,
    /// It could not be done here.
    pub skipped: bool,
}

impl Seen {
    fn recovered(recovery: Duration, note: String) -> Self {
        Self {
            recovery: Some(recovery),
            note,
            skipped: false,
        }
    }

    fn skipped(note: String) -> Self {
        Self {
            recovery: None,
            note,
            skipped: true,
        }
    }
}

/// All drills, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Drill {
    /// kill -9 an edge
    EdgeKilled,
    /// kill -9 the process of the Durable Objects
    ObjectsKilled,
    /// kill -9 an origin
    OriginKilled,
    /// kill -9 the worker
    WorkerKilled,
    /// kill -9 the payment provider
    ProviderKilled,
    /// kill -9 the primary
    PrimaryKilled,
    /// kill -9 the replica
    ReplicaKilled,
    /// The replica hears nothing more of the primary
    ReplicaCut,
    /// The replica replays nothing more
    ReplayPaused,
    /// All connections to the database are busy
    PoolFilled,
    /// One origin answers seconds later
    OriginSlow,
    /// A new signing key, and the old one retired
    KeysRotated,
    /// New keys for what edge and origin tell each other
    HandOverRotated,
    /// An origin's clock is wrong
    ClockSkewed,
    /// The primary's disk is full
    DiskFull,
    /// The primary is lost, and the standby takes over
    StandbyPromoted,
    /// Each process in turn is killed under constant load
    Deaths,
}

/// How long the deaths take, unless somebody says otherwise: 3 min.
pub const DEATHS: Duration = Duration::from_mins(3);

impl Drill {
    /// What is expected, and asserted.
    pub fn expects(self) -> &'static str {
        match self {
            Self::EdgeKilled => "the other edge answers everything; back within 30 s",
            Self::ObjectsKilled => {
                "reads go on; orders wait, and are placed once; back within 30 s"
            }
            Self::OriginKilled => "no read notices; orders are placed once; back within 30 s",
            Self::WorkerKilled => "nobody notices; effects catch up, none twice, within 30 s",
            Self::ProviderKilled => {
                "no read notices; orders wait, and are charged once; back within 30 s"
            }
            Self::PrimaryKilled => {
                "copies are read; orders wait, and are placed once; back within 30 s"
            }
            Self::ReplicaKilled => "no read and no order notices; back within 30 s",
            Self::ReplicaCut | Self::ReplayPaused => {
                "a change stays visible, no read fails; it follows again within 30 s"
            }
            Self::StandbyPromoted => {
                "orders go on within 30 s, each key keeps its order, none charged twice"
            }
            Self::PoolFilled => {
                "503 or 409 that say so, copies are read, origins stay ready; back within 30 s"
            }
            Self::OriginSlow => {
                "reads are good in the end, it is left alone; it is asked again within 30 s"
            }
            Self::KeysRotated => "no token is refused, old or new; no request fails",
            Self::HandOverRotated => {
                "no request fails, at each step a change is seen; well within 30 s"
            }
            Self::ClockSkewed => {
                "20 s: nobody notices; 10 min: refused, nothing done, nothing doubled; well within 30 s"
            }
            Self::DiskFull => {
                "orders are refused or wait, copies are read; with room again back within 30 s, each once"
            }
            Self::Deaths => {
                "reads >= 99.9 % good, orders 100 % in the end, 0 doubled, each back within 30 s"
            }
        }
    }

    /// Does it, and holds the shop against what is expected.
    pub async fn run(self, stage: &mut Stage, deaths: Duration) -> Result<Seen> {
        let seen = match self {
            Self::EdgeKilled => killed::edge(stage).await,
            Self::ObjectsKilled => killed::objects(stage).await,
            Self::OriginKilled => killed::unnoticed(stage, Part::Origin(1)).await,
            Self::WorkerKilled => killed::unnoticed(stage, Part::Worker).await,
            Self::ProviderKilled => killed::unnoticed(stage, Part::Provider).await,
            Self::PrimaryKilled => killed::primary(stage).await,
            Self::ReplicaKilled => killed::unnoticed(stage, Part::Replica).await,
            Self::ReplicaCut => database::lagging(stage, database::Lag::Cut).await,
            Self::ReplayPaused => database::lagging(stage, database::Lag::Paused).await,
            Self::StandbyPromoted => database::promoted(stage).await,
            Self::PoolFilled => database::filled(stage).await,
            Self::OriginSlow => origins::slow(stage).await,
            Self::KeysRotated => keys::rotated(stage).await,
            Self::HandOverRotated => hand_over::rotated(stage).await,
            Self::ClockSkewed => clock::skewed(stage).await,
            Self::DiskFull => disk::full(stage).await,
            Self::Deaths => self::deaths(stage, deaths).await,
        };
        let seen = seen?;
        stage.books_agree().await.context("afterwards")?;
        Ok(seen)
    }
}
