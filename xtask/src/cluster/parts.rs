//! The parts: killed, ended in order, and started again where they were.

use std::fmt;
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::Result;

use super::{Deployment, EACH, Settings, serve, settings, work};
use crate::process::Running;

/// Longer than an origin may take to end.
const END_MAX: Duration = Duration::from_secs(40);

/// One process, or the server with its processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// An edge, with its cache.
    Edge(usize),
    /// The Durable Objects of all edges.
    Objects,
    /// An origin that serves.
    Origin(usize),
    /// Relay and consumers.
    Worker,
    /// The payment provider.
    Provider,
    /// The database server that takes changes.
    Primary,
    /// The one that follows it.
    Replica,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Edge(0),
        Self::Edge(1),
        Self::Objects,
        Self::Origin(0),
        Self::Origin(1),
        Self::Worker,
        Self::Provider,
        Self::Primary,
        Self::Replica,
    ];
}

impl fmt::Display for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edge(place) => write!(out, "edge {}", place + 1),
            Self::Objects => out.write_str("objects"),
            Self::Origin(place) => write!(out, "origin {}", place + 1),
            Self::Worker => out.write_str("worker"),
            Self::Provider => out.write_str("provider"),
            Self::Primary => out.write_str("primary"),
            Self::Replica => out.write_str("replica"),
        }
    }
}

impl Deployment {
    /// The process of a part.
    pub fn running(&mut self, part: Part) -> &mut Running {
        match part {
            Part::Edge(place) => self.edges[place % EACH].running(),
            Part::Objects => self.objects.running(),
            Part::Origin(place) => &mut self.origins[place % EACH],
            Part::Worker => &mut self.worker,
            Part::Provider => &mut self.provider.running,
            Part::Primary => self.primary.running(),
            Part::Replica => self.replica.running(),
        }
    }

    /// Kills a part, as a crash would.
    pub fn kill(&mut self, part: Part) {
        self.running(part).kill();
    }

    /// Starts a part again that has ended, and waits until it serves.
    pub fn restart(&mut self, part: Part) -> Result<()> {
        self.restart_with(part, &[])
    }

    /// The same; an edge, an origin or the worker this once with these settings in the place of its own.
    pub fn restart_with(&mut self, part: Part, more: Settings<'_>) -> Result<()> {
        match part {
            Part::Edge(place) => self.edges[place].restart_with(more)?,
            Part::Objects => self.objects.restart()?,
            Part::Origin(place) => {
                self.origins[place].kill();
                let listen = self.origin_ports[place];
                self.origins[place] = serve(&self.shop, &self.options, listen, place, more)?;
            }
            Part::Worker => {
                self.worker.kill();
                self.worker = work(&self.shop, &self.options, more)?;
            }
            Part::Provider => {
                self.provider.running.kill();
                let listen = self.provider_port;
                self.provider = settings::provider(&self.options, &self.wires, &self.book, listen)?;
            }
            Part::Primary => {
                self.primary.restart()?;
                self.wires.database.lead_to(self.primary.port());
                self.wires.stream.lead_to(self.primary.port());
            }
            Part::Replica => {
                self.replica.restart()?;
                self.wires.replica.lead_to(self.replica.port());
            }
        }
        Ok(())
    }

    /// Asks a part to end, and waits until it has. How it ended.
    pub fn end(&mut self, part: Part) -> Result<Option<ExitStatus>> {
        let running = self.running(part);
        running.stop(END_MAX);
        running.exit()
    }

    /// A part that has ended by itself, and what it said last.
    pub fn ended(&mut self) -> Option<(Part, anyhow::Error)> {
        Part::ALL.into_iter().find_map(|part| {
            let ended = self.running(part).check().err()?;
            Some((part, ended))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_has_a_name_of_its_own_counted_from_one() {
        let names: std::collections::BTreeSet<_> =
            Part::ALL.iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), Part::ALL.len());
        assert_eq!(Part::Edge(0).to_string(), "edge 1");
        assert_eq!(Part::Origin(1).to_string(), "origin 2");
    }
}
