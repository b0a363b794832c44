//! `cargo xtask dev`: the whole shop on this machine.
//!
//! 1. Ports and the data folder are checked first, so that a mistake costs no waiting.
//! 2. What is missing is installed and built; then Postgres, the sandbox payment provider, the
//!    origin and the edge start, each when the one below it is ready.
//! 3. Everything that lasts is in the data folder: `postgres/`, `mail/`, `edge-state/`, `logs/`,
//!    `secrets.env`. With `--ephemeral` it is in a folder that goes with the process.
//! 4. Whatever dies takes the rest along and is named; Ctrl-C ends all in the opposite order.
//!
//! With `--cluster` it is [`crate::cluster`] instead, in a folder of its own in the data folder. There a part
//! that dies is named and started again: killing parts is what it is for.

mod announcement;
mod cluster;
mod mail;
pub mod people;
mod watch;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::lock::Lock;
use crate::origin::{self, Origin};
use crate::postgres::{self, Cluster};
use crate::process::{Running, Signal};
use crate::progress::{Progress, seconds};
use crate::secrets::Secrets;
use crate::tools::Tools;
use crate::wait::{self, Deadline};
use crate::{edge_build, ports, sandbox, wrangler};
use mail::Mailbox;

/// What the origin may take until it serves.
const ORIGIN_START_MAX: Duration = Duration::from_secs(30);

/// What `dev` can be told.
#[derive(Debug, Args)]
pub struct Options {
    /// The edge's port; 0 takes a free one
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// The origin's port; 0 takes a free one
    #[arg(long, default_value_t = 8080)]
    origin_port: u16,
    /// The data folder
    #[arg(long, default_value = ".dev")]
    data: PathBuf,
    /// Begin with nothing and leave nothing
    #[arg(long)]
    ephemeral: bool,
    /// How many products the catalogue has
    #[arg(long, default_value_t = 50_000)]
    products: u64,
    /// Print the ready line and mail, nothing else
    #[arg(long)]
    quiet: bool,
    /// Two edges (the second on the next port), two origins (likewise), a worker, a primary and its
    /// replica, on workerd alone
    #[arg(long)]
    cluster: bool,
}

/// Runs the shop until the user stops it.
pub fn dev(options: &Options) -> Result<bool> {
    let watch = Deadline::after(Duration::MAX);
    let progress = if options.quiet {
        Progress::quiet()
    } else {
        Progress::shown()
    };
    let place = Place::prepare(options)?;
    if options.cluster {
        return cluster::run(options, &place, progress);
    }
    let port = pick(options.port, "edge", "--port")?;
    let origin_port = pick(options.origin_port, "origin", "--origin-port")?;
    let tools = Tools::ensure(progress)?;
    let programs = origin::build(&tools, progress)?;
    let edge = edge_build::build(&tools, &edge_build::Options::default(), progress)?;
    let mut postgres = start_postgres(&tools, &place, progress)?;
    let database_url = match (&postgres, &tools.environment().database_url) {
        (Some(cluster), _) => cluster.url(),
        (None, Some(url)) => url.clone(),
        (None, None) => bail!("There is no database."),
    };
    let secrets = Secrets::keep(&place.state.join("secrets.env"))?;
    let origin_url = format!("http://127.0.0.1:{origin_port}");
    let provider = sandbox::Options {
        program: &programs.sandbox,
        database_url: &sandbox::database_url(&database_url),
        log: &place.log("sandbox.log"),
        port: 0,
        tells: Some(sandbox::Listener {
            origin_url: &origin_url,
            secret: &secrets.payment_webhook_secret,
        }),
    };
    let mut provider = progress.step("sandbox payment provider", || provider.start())?;
    let urls = Urls {
        edge: format!("http://127.0.0.1:{port}"),
        origin: origin_url,
        sandbox: provider.url.clone(),
        database: database_url,
    };
    let shop = Origin::new(
        &programs.origin,
        settings(&tools, &place, &secrets, &urls, origin_port),
    )
    .on_foreign_database(postgres.is_none());
    let people = people::prepare(&shop, options.products, progress)?;
    let mut mailbox = Mailbox::open(&place.state.join("mail"))?;
    let mut origin = start_origin(&shop, &place)?;
    let wrangler_log = place.log("edge.log");
    let mut edge = progress.step("edge under wrangler dev", || {
        wrangler::start(
            &tools,
            &wrangler::Options {
                worker: &edge.folder,
                rebuild: vec!["build-edge".into()],
                state: &place.state.join("edge-state"),
                log: &wrangler_log,
                port,
                origin_url: &urls.origin,
                assertion_keys: &secrets.assertion_keys,
            },
        )
    })?;
    let announcement = people.announce(&urls.edge, &urls.origin, &urls.database);
    announcement.write(&place.data.join("endpoints.json"))?;
    progress.note(&format!(
        "up after {}; Ctrl-C stops everything",
        seconds(watch.elapsed())
    ));
    announcement.print(&place.state, options.quiet);
    // The order in which they are looked at is the order of dependence: when Postgres dies, the
    // origin may follow, and the cause should be told.
    let mut children: Vec<&mut Running> = Vec::new();
    children.extend(postgres.as_mut().map(Cluster::running));
    children.extend([&mut provider.running, &mut origin, &mut edge]);
    let outcome = watch::watch(&mut children, &wrangler_log, &mut mailbox);
    fs::remove_file(place.data.join("endpoints.json")).ok();
    // From the outside in, so that nothing reports the loss of what it stands on.
    drop(edge);
    drop(origin);
    drop(provider);
    drop(postgres);
    outcome.map(|()| true)
}

/// Where things are kept, and the right to keep them there.
struct Place {
    /// What the user named.
    data: PathBuf,
    /// What lasts: `data`, or a folder in it that goes with us.
    state: PathBuf,
    ephemeral: bool,
    _own: Option<tempfile::TempDir>,
    _lock: Lock,
}

impl Place {
    fn prepare(options: &Options) -> Result<Self> {
        let data = std::path::absolute(&options.data)?;
        let lock = Lock::try_on(&data)?.with_context(|| {
            format!(
                "Another `cargo xtask dev` uses {}. Stop that one, or choose another folder, and \
                 ports, with `--data DIR --port 9787 --origin-port 9080`.",
                data.display()
            )
        })?;
        // A killed run may have left it; whoever waits for the file must not get the old one.
        fs::remove_file(data.join("endpoints.json")).ok();
        let own = options.ephemeral.then(|| open_folder(&data)).transpose()?;
        let state = own
            .as_ref()
            .map_or(data.clone(), |own| own.path().to_owned());
        fs::create_dir_all(state.join("logs"))?;
        Ok(Self {
            data,
            state,
            ephemeral: options.ephemeral,
            _own: own,
            _lock: lock,
        })
    }

    fn log(&self, name: &str) -> PathBuf {
        self.state.join("logs").join(name)
    }
}

/// A folder that Postgres's user may enter; temporary folders are closed to others by default.
fn open_folder(data: &Path) -> Result<tempfile::TempDir> {
    use std::os::unix::fs::PermissionsExt;
    Ok(tempfile::Builder::new()
        .prefix("ephemeral-")
        .permissions(fs::Permissions::from_mode(0o755))
        .tempdir_in(data)?)
}

struct Urls {
    edge: String,
    origin: String,
    sandbox: String,
    database: String,
}

fn pick(port: u16, what: &str, flag: &str) -> Result<u16> {
    if port == 0 {
        return ports::free();
    }
    ports::check(port, what, flag)?;
    Ok(port)
}

fn start_postgres(tools: &Tools, place: &Place, progress: Progress) -> Result<Option<Cluster>> {
    if tools.environment().database_url.is_some() {
        return Ok(None);
    }
    let options = postgres::Options {
        folder: place.state.join("postgres"),
        log: place.log("postgres.log"),
        ephemeral: place.ephemeral,
    };
    progress
        .step("Postgres", || Cluster::start(tools, &options))
        .map(Some)
}

fn settings(
    tools: &Tools,
    place: &Place,
    secrets: &Secrets,
    urls: &Urls,
    origin_port: u16,
) -> Vec<(String, String)> {
    let mut settings = vec![
        ("DATABASE_URL", urls.database.clone()),
        ("SANDBOX_URL", urls.sandbox.clone()),
        ("ASSERTION_KEYS", secrets.assertion_keys.clone()),
        ("DERIVATION_KEY", secrets.derivation_key.clone()),
        (
            "PAYMENT_WEBHOOK_SECRET",
            secrets.payment_webhook_secret.clone(),
        ),
        ("LISTEN", format!("127.0.0.1:{origin_port}")),
        ("EDGE_URL", urls.edge.clone()),
        ("PUBLIC_URL", urls.edge.clone()),
        ("DIRECT_TOKENS", "true".to_owned()),
        // Nobody shares out requests here.
        ("DRAIN_GRACE_SECONDS", "0".to_owned()),
        ("WEBHOOKS_ALLOW_PRIVATE", "true".to_owned()),
    ];
    if tools.environment().smtp_url.is_none() {
        settings.push(("MAIL_DIR", place.state.join("mail").display().to_string()));
    }
    settings
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn start_origin(shop: &Origin, place: &Place) -> Result<Running> {
    let log = place.log("origin.log");
    // An earlier run's ready line must not be taken for this one's.
    fs::remove_file(&log).ok();
    let mut origin = Running::start("origin", &mut shop.command(&["run"]), &log, Signal::TERM)?;
    wait::until(ORIGIN_START_MAX, "the origin to serve", || {
        origin.check()?;
        Ok(fs::read_to_string(&log)?
            .contains("\"ready\":true")
            .then_some(()))
    })?;
    Ok(origin)
}
