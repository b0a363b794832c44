//! The edge on raw workerd: what tests, benchmarks and those who host it themselves run.
//!
//! One process holds several locations (edges with a cache each) over one set of Durable Objects on
//! disk; locations of another process may ask the same objects through a door. It can be killed as a crash would, and started again on the same ports and the same disk.

mod capnp;

use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::process::{Running, STOP_GRACE, Signal};
use crate::tools::Tools;
use crate::{ports, wait};

/// What workerd may take until its ports answer.
const START_MAX: Duration = Duration::from_secs(30);

/// How often to try again when a port was taken between finding it free and using it.
const STARTS_MAX: usize = 5;

/// What to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// A folder that holds `entry.js`, and what it imports in `build/`.
    pub worker: PathBuf,
    /// A folder for the configuration, the objects' storage and the log.
    pub state: PathBuf,
    /// Text bindings: `ORIGIN_URL`, `ASSERTION_KEYS`, perhaps `PUBLIC_URL`.
    pub texts: Vec<(String, String)>,
    /// Durable Object bindings and their classes.
    pub objects: Vec<(String, String)>,
    /// How many locations; none where there is a door and all of them are other processes'.
    pub edges: usize,
    /// Their ports. Those that are not named are free ones.
    pub ports: Vec<u16>,
    /// Whether locations of other processes may ask the objects, by [`Workerd::door`].
    pub door: bool,
    /// The objects are those of another process, behind this door of it.
    pub afar: Option<String>,
    /// What each location's cache may hold, in bytes.
    pub cache_bytes_max: u64,
}

impl Options {
    /// The built edge in `worker`, one location, with `state` as its folder.
    pub fn edge(worker: &Path, state: &Path, origin_url: &str, assertion_keys: &str) -> Self {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Self {
            worker: worker.to_owned(),
            state: state.to_owned(),
            texts: vec![
                pair("ORIGIN_URL", origin_url),
                pair("ASSERTION_KEYS", assertion_keys),
            ],
            objects: vec![
                pair("CALLERS", "Caller"),
                pair("USAGE", "Usage"),
                pair("FEED", "Feed"),
                pair("SHIELD", "Shield"),
            ],
            edges: 1,
            ports: Vec::new(),
            door: false,
            afar: None,
            cache_bytes_max: 64 * 1024 * 1024,
        }
    }
}

/// A running workerd; dropping it ends it.
#[derive(Debug)]
pub struct Workerd {
    program: PathBuf,
    plan: capnp::Plan,
    state: PathBuf,
    running: Running,
}

impl Workerd {
    /// Starts workerd and waits until every location's port answers.
    pub fn start(tools: &Tools, options: &Options) -> Result<Self> {
        let state = std::path::absolute(&options.state)?;
        let mut plan = capnp::Plan {
            compatibility_date: compatibility_date(tools.root())?,
            modules: modules(tools.root(), &options.worker, &state)?,
            texts: options.texts.clone(),
            objects: options.objects.clone(),
            ports: Vec::new(),
            cache_bytes_max: options.cache_bytes_max,
            disk: state.join("objects").display().to_string(),
            door: None,
            afar: options.afar.clone(),
        };
        std::fs::create_dir_all(&plan.disk)?;
        let program = tools.workerd()?;
        let mut tries = 0;
        let running = loop {
            plan.ports = (0..options.edges)
                .map(|edge| {
                    options
                        .ports
                        .get(edge)
                        .copied()
                        .map_or_else(ports::free, Ok)
                })
                .collect::<Result<_>>()?;
            plan.door = options.door.then(ports::free).transpose()?;
            tries += 1;
            match launch(&program, &plan, &state) {
                Ok(running) => break running,
                Err(error) if tries < STARTS_MAX && taken(&error) => {}
                Err(error) => return Err(error),
            }
        };
        Ok(Self {
            program,
            plan,
            state,
            running,
        })
    }

    /// The base URL of a location; the first is 0.
    pub fn url(&self, edge: usize) -> String {
        let port = self.plan.ports.get(edge).copied().unwrap_or_default();
        format!("http://127.0.0.1:{port}")
    }

    /// Where locations of other processes reach its objects, if they may.
    pub fn door(&self) -> Option<String> {
        Some(format!("127.0.0.1:{}", self.plan.door?))
    }

    /// Its process id, for measuring.
    pub fn pid(&self) -> u32 {
        self.running.pid()
    }

    /// The file that holds its output.
    pub fn log(&self) -> &Path {
        self.running.log()
    }

    /// Kills it, as a crash would: nothing is flushed.
    pub fn kill(&mut self) {
        self.running.kill();
    }

    /// Asks it to end, and kills it when it doesn't: a hung request can hold it for ever.
    pub fn stop(&mut self) {
        self.running.stop(STOP_GRACE);
    }

    /// Starts it again after [`Self::kill`] or [`Self::stop`], on the same ports and disk.
    pub fn restart(&mut self) -> Result<()> {
        self.restart_with(&[])
    }

    /// The same, this once with these text bindings in the place of its own.
    pub fn restart_with(&mut self, texts: &[(&str, &str)]) -> Result<()> {
        self.running.stop(STOP_GRACE);
        let mut plan = self.plan.clone();
        for (name, value) in &mut plan.texts {
            if let Some((_, other)) = texts.iter().find(|(text, _)| text == name) {
                (*other).clone_into(value);
            }
        }
        self.running = launch(&self.program, &plan, &self.state)?;
        Ok(())
    }

    /// The child itself, to be watched.
    pub fn running(&mut self) -> &mut Running {
        &mut self.running
    }

    /// Fails, with its last words, if it has ended.
    pub fn check(&mut self) -> Result<()> {
        self.running.check()
    }
}

fn launch(program: &Path, plan: &capnp::Plan, state: &Path) -> Result<Running> {
    let config = state.join("workerd.capnp");
    std::fs::write(&config, capnp::write(plan))?;
    let mut command = Command::new(program);
    command.arg("serve").arg(&config).current_dir(state);
    let mut running = Running::start(
        "workerd",
        &mut command,
        &state.join("workerd.log"),
        Signal::TERM,
    )?;
    for port in plan.ports.iter().chain(&plan.door) {
        wait::until(START_MAX, "workerd's port", || {
            running.check()?;
            Ok(TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).ok())
        })?;
    }
    Ok(running)
}

fn taken(error: &anyhow::Error) -> bool {
    error.to_string().contains("Address already in use")
}

/// Copies the Worker's modules beside the configuration, so that a later build doesn't change what
/// a restart runs.
fn modules(root: &Path, worker: &Path, state: &Path) -> Result<Vec<capnp::Module>> {
    std::fs::create_dir_all(state.join("build"))?;
    for name in ["cache.js", "door.js", "afar.js"] {
        std::fs::copy(root.join("edge/selfhost").join(name), state.join(name))?;
    }
    let mut names = vec!["entry.js".to_owned()];
    for file in std::fs::read_dir(worker.join("build"))
        .into_iter()
        .flatten()
    {
        let file = file?.path();
        let code = file
            .extension()
            .is_some_and(|kind| kind == "js" || kind == "wasm");
        if let Some(name) = file.file_name().filter(|_| code) {
            names.push(format!("build/{}", name.to_string_lossy()));
        }
    }
    for name in &names {
        std::fs::copy(worker.join(name), state.join(name)).with_context(|| {
            format!(
                "{} has no {name}; `cargo xtask build-edge` makes it.",
                worker.display()
            )
        })?;
    }
    Ok(names
        .into_iter()
        .map(|path| capnp::Module { path })
        .collect())
}

/// The date that wrangler.toml names, so that both hosts behave the same.
fn compatibility_date(root: &Path) -> Result<String> {
    let text = std::fs::read_to_string(root.join("wrangler.toml"))
        .context("wrangler.toml can't be read.")?;
    let config: toml::Table = text.parse().context("wrangler.toml is no TOML.")?;
    let date = config
        .get("compatibility_date")
        .and_then(toml::Value::as_str);
    Ok(date
        .context("wrangler.toml names no compatibility_date.")?
        .to_owned())
}
