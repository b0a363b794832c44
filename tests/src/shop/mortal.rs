//! A shop whose parts die: killed as a crash would, and started again.
//!
//! Its Postgres is its own, and is reached through a gate, since its port changes when it comes back.

use xtask::postgres::{Cluster, Options as Postgres};

use super::programs::origin_serving;
use super::{Layout, Options, Shop, database};
use crate::build::tools;
use crate::gate::Gate;
use crate::scratch;

/// What can die.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// workerd, with all objects.
    Edge,
    /// The origin, with its relay and consumers.
    Origin,
    /// The payment provider.
    Provider,
    /// The database server of both.
    Postgres,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Origin, Self::Postgres, Self::Edge, Self::Provider];
}

/// A Postgres of the shop's own.
#[derive(Debug)]
pub(super) struct Mortal {
    cluster: Cluster,
    wire: Gate,
}

impl Shop {
    /// A shop that [`Self::die`] works on.
    pub async fn start_mortal(options: Options) -> Self {
        let folder = scratch::of_a_shop();
        let server = Postgres {
            folder: folder.join("postgres"),
            log: folder.join("postgres.log"),
            ephemeral: true,
        };
        let cluster = Cluster::start(tools(), &server).expect("Postgres starts");
        let wire = Gate::open().await.expect("the gate opens");
        wire.lead_to(cluster.port());
        let (ours, theirs) = (
            format!(":{}/", cluster.port()),
            format!(":{}/", wire.port()),
        );
        let database_url = cluster.url_of("shop").replace(&ours, &theirs);
        database::fill(&database_url);
        let mut shop = Self::over(folder, database_url, Layout::of(1), options).await;
        shop.mortal = Some(Mortal { cluster, wire });
        shop
    }

    /// Kills a part and starts it again.
    pub fn die(&mut self, part: Part) {
        match part {
            Part::Edge => {
                self.edge.kill();
                self.edge.restart();
            }
            Part::Origin => {
                self.origin.kill();
                let provider = self.provider.as_ref().expect("the provider runs");
                self.origin = origin_serving(
                    &self.database_url,
                    &[],
                    self.origin_port,
                    provider,
                    &self.folder,
                    &self.edge.url(),
                );
            }
            Part::Provider => {
                self.stop_provider();
                self.start_provider();
            }
            Part::Postgres => {
                let mortal = self.mortal.as_mut().expect("a shop with its own Postgres");
                mortal.cluster.kill();
                mortal.cluster.restart().expect("Postgres starts again");
                mortal.wire.lead_to(mortal.cluster.port());
            }
        }
    }
}
