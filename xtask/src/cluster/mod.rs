//! The whole shop on one machine, as it stands in production: what `dev --cluster` runs, and what the drills
//! break.
//!
//! - two edges, each a process with its own cache; the Durable Objects are a process too, as they are
//!   elsewhere than the edges on Cloudflare
//! - two origins (`origin serve`) behind a [`Wire`] each, and a worker (`origin work`)
//! - a primary and a streaming replica, each behind a wire; the replica hears of the primary by a third
//! - the payment provider on a Postgres of its own, since it is another company's: its book outlives whatever
//!   befalls the shop
//!
//! Each part can be killed as a crash would, and started again where it was.

mod parts;
mod settings;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::dev::people::{self, People};
use crate::origin::{Origin, Programs};
use crate::postgres::{self, Cluster};
use crate::process::{Running, Signal};
use crate::progress::Progress;
use crate::sandbox::{self, Sandbox};
use crate::secrets::Secrets;
use crate::tools::Tools;
use crate::wire::Wire;
use crate::workerd::{self, Workerd};
use crate::{ports, wait};
pub use parts::Part;

/// How many edges, and how many origins a fleet.
pub const EACH: usize = 2;

/// What an origin or a worker may take until it is ready.
const READY_MAX: Duration = Duration::from_secs(30);

/// What to run, and where.
#[derive(Debug)]
pub struct Options {
    /// The tools.
    pub tools: Tools,
    /// Origin and provider.
    pub programs: Programs,
    /// The folder of the built edge.
    pub edge: PathBuf,
    /// A folder for all that the parts keep.
    pub folder: PathBuf,
    /// Nothing has to survive a power cut.
    pub ephemeral: bool,
    /// How many products the catalogue has.
    pub products: u64,
    /// The edges' ports; those that are not named are free ones.
    pub edge_ports: Vec<u16>,
    /// The ports of the wires before the origins, likewise.
    pub origin_ports: Vec<u16>,
    /// What the parts share.
    pub secrets: Secrets,
}

/// The ways between the parts.
#[derive(Debug)]
pub struct Wires {
    /// Before each origin.
    pub origins: Vec<Wire>,
    /// Leads the shop to its primary, whichever that is.
    pub database: Wire,
    /// Leads the shop to its replica.
    pub replica: Wire,
    /// By which the replica follows the primary.
    pub stream: Wire,
}

/// A running shop. Dropping it ends it, from the outside in.
#[derive(Debug)]
pub struct Deployment {
    edges: Vec<Workerd>,
    objects: Workerd,
    origins: Vec<Running>,
    worker: Running,
    provider: Sandbox,
    replica: Cluster,
    primary: Cluster,
    book: Cluster,
    wires: Wires,
    people: People,
    shop: Origin,
    /// Where the origins listen themselves, and the provider.
    origin_ports: Vec<u16>,
    provider_port: u16,
    /// How often the database has a new standby, for its folder's name.
    standbys: u32,
    options: Options,
}

impl Deployment {
    /// Starts everything, each part when those below it are ready.
    pub fn start(options: Options, progress: Progress) -> Result<Self> {
        fs::create_dir_all(options.folder.join("logs"))?;
        let wires = wires(&options)?;
        let (primary, replica, book) = progress
            .step("Postgres, its replica, the provider's own", || {
                databases(&options, &wires)
            })?;
        let provider_port = ports::free()?;
        let provider = progress.step("sandbox payment provider", || {
            settings::provider(&options, &wires, &book, provider_port)
        })?;
        let urls: Vec<String> = wires.origins.iter().map(Wire::url).collect();
        let (objects, edges) = progress.step("edges", || workers(&options, &urls.join(" ")))?;
        let edge_url = edges.first().map(|edge| edge.url(0)).unwrap_or_default();
        let shop = Origin::new(
            &options.programs.origin,
            settings::origin(&options, &wires, &primary, &provider.url, &edge_url),
        );
        let people = people::prepare(&shop, options.products, progress)?;
        let origin_ports = (0..EACH)
            .map(|_| ports::free())
            .collect::<Result<Vec<_>>>()?;
        let (origins, worker) = progress.step("origins and worker", || {
            let origins = (0..EACH)
                .map(|place| serve(&shop, &options, origin_ports[place], place, &[]))
                .collect::<Result<Vec<_>>>()?;
            Ok((origins, work(&shop, &options, &[])?))
        })?;
        for (wire, port) in wires.origins.iter().zip(&origin_ports) {
            wire.lead_to(*port);
        }
        Ok(Self {
            edges,
            objects,
            origins,
            worker,
            provider,
            replica,
            primary,
            book,
            wires,
            people,
            shop,
            origin_ports,
            provider_port,
            standbys: 0,
            options,
        })
    }

    /// Where an edge is reached.
    pub fn edge_url(&self, place: usize) -> String {
        self.edges[place].url(0)
    }

    /// Where an origin is reached; it takes users' own tokens there.
    pub fn origin_url(&self, place: usize) -> String {
        self.wires.origins[place].url()
    }

    /// The shop's database, on whichever server is the primary.
    pub fn database_url(&self) -> String {
        settings::through(&self.primary, &self.wires.database)
    }

    /// The shop's database on the replica.
    pub fn replica_url(&self) -> String {
        settings::through(&self.replica, &self.wires.replica)
    }

    /// The replica itself, by no wire.
    pub fn standby_url(&self) -> String {
        self.replica.url()
    }

    /// The provider's book.
    pub fn book_url(&self) -> String {
        sandbox::database_url(&self.book.url())
    }

    /// The ways between the parts.
    pub fn wires(&self) -> &Wires {
        &self.wires
    }

    /// Whom one can be.
    pub fn people(&self) -> &People {
        &self.people
    }

    /// The origin's commands, on this shop's database.
    pub fn shop(&self) -> &Origin {
        &self.shop
    }

    /// What the parts share.
    pub fn secrets(&self) -> &Secrets {
        &self.options.secrets
    }

    /// The folder in which mail becomes files.
    pub fn mail(&self) -> PathBuf {
        self.options.folder.join("mail")
    }

    /// The replica takes over: the old primary, which is dead, is left to itself, and the shop's database is
    /// the new one. There is no replica until [`Self::follow_anew`]; reads find that its wire leads nowhere.
    pub fn promote(&mut self) -> Result<()> {
        self.primary.kill();
        self.replica.promote()?;
        std::mem::swap(&mut self.primary, &mut self.replica);
        self.wires.database.lead_to(self.primary.port());
        self.wires.replica.lead_to(self.replica.port());
        Ok(())
    }

    /// Makes a new standby of the primary in the place of the old one. The primary is away meanwhile, for
    /// about a second.
    pub fn follow_anew(&mut self) -> Result<()> {
        self.replica.stop();
        self.standbys += 1;
        let options = server(&self.options, &format!("replica-{}", self.standbys));
        let port = Some(self.wires.stream.port());
        self.wires.stream.lead_to(self.primary.port());
        self.replica = self.primary.standby_by(port, &options)?;
        self.wires.stream.lead_to(self.primary.port());
        self.wires.database.lead_to(self.primary.port());
        self.wires.replica.lead_to(self.replica.port());
        Ok(())
    }
}

fn wires(options: &Options) -> Result<Wires> {
    let named = |place: usize| options.origin_ports.get(place).copied().unwrap_or_default();
    Ok(Wires {
        origins: (0..EACH)
            .map(|place| Wire::open(named(place)))
            .collect::<Result<_>>()?,
        database: Wire::open(0)?,
        replica: Wire::open(0)?,
        stream: Wire::open(0)?,
    })
}

fn server(options: &Options, name: &str) -> postgres::Options {
    postgres::Options {
        folder: options.folder.join(name),
        log: log(options, &format!("{name}.log")),
        ephemeral: options.ephemeral,
    }
}

fn databases(options: &Options, wires: &Wires) -> Result<(Cluster, Cluster, Cluster)> {
    let mut primary = Cluster::start(&options.tools, &server(options, "primary"))?;
    // An earlier run's replica may lack what its primary has thrown away since. A copy is quick.
    let replica = server(options, "replica");
    match fs::remove_dir_all(&replica.folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            let what = replica.folder.display().to_string();
            return Err(error).context(what);
        }
        _ => {}
    }
    wires.stream.lead_to(primary.port());
    let replica = primary.standby_by(Some(wires.stream.port()), &replica)?;
    wires.stream.lead_to(primary.port());
    wires.database.lead_to(primary.port());
    wires.replica.lead_to(replica.port());
    let book = Cluster::start(&options.tools, &server(options, "provider"))?;
    Ok((primary, replica, book))
}

/// The objects, and the edges that ask them.
fn workers(options: &Options, origins: &str) -> Result<(Workerd, Vec<Workerd>)> {
    let plan = |name: &str| {
        let state = options.folder.join(name);
        let keys = &options.secrets.assertion_keys;
        workerd::Options::edge(&options.edge, &state, origins, keys)
    };
    let objects = workerd::Options {
        edges: 0,
        door: true,
        ..plan("objects")
    };
    let objects = Workerd::start(&options.tools, &objects)?;
    let edges = (0..EACH).map(|place| {
        let plan = workerd::Options {
            afar: objects.door(),
            ports: options.edge_ports.get(place).copied().into_iter().collect(),
            ..plan(&format!("edge-{}", place + 1))
        };
        Workerd::start(&options.tools, &plan)
    });
    let edges = edges.collect::<Result<_>>()?;
    Ok((objects, edges))
}

fn log(options: &Options, name: &str) -> PathBuf {
    options.folder.join("logs").join(name)
}

/// Settings by the names of their variables.
pub type Settings<'a> = &'a [(&'a str, &'a str)];

fn serve(
    shop: &Origin,
    options: &Options,
    port: u16,
    place: usize,
    more: Settings<'_>,
) -> Result<Running> {
    let mut command = shop.command(&["serve"]);
    command.env("LISTEN", format!("127.0.0.1:{port}"));
    let name = format!("origin-{}", place + 1);
    ready(command, &name, options, more)
}

fn work(shop: &Origin, options: &Options, more: Settings<'_>) -> Result<Running> {
    ready(shop.command(&["work"]), "worker", options, more)
}

fn ready(
    mut command: std::process::Command,
    name: &str,
    options: &Options,
    more: Settings<'_>,
) -> Result<Running> {
    let log = log(options, &format!("{name}.log"));
    // An earlier process's ready line must not be taken for this one's; its other words are kept.
    fs::rename(&log, log.with_extension("before.log")).ok();
    command.envs(more.iter().copied());
    let mut running = Running::start(name, &mut command, &log, Signal::TERM)?;
    wait::until(READY_MAX, &format!("{name} to be ready"), || {
        running.check()?;
        Ok(fs::read_to_string(&log)?
            .contains("\"ready\":true")
            .then_some(()))
    })?;
    Ok(running)
}
