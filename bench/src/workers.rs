//! The measured Workers, each in a workerd of its own: the same configuration but for the modules,
//! so that a difference between them is theirs.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::TempDir;
use xtask::tools::Tools;
use xtask::workerd::{Options, Workerd};

use crate::cpu::Watched;

/// What a Worker is made of.
pub(crate) struct Code {
    /// Its name in tables.
    pub(crate) name: &'static str,
    /// A folder with `entry.js`, and what it imports in `build/`; or one JavaScript file.
    pub(crate) source: PathBuf,
    /// Its Durable Objects: binding and class.
    pub(crate) objects: Vec<(&'static str, &'static str)>,
}

/// A Worker that serves.
pub(crate) struct Worker {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    workerd: Workerd,
    // Holds the objects' state, and goes after workerd.
    _folder: TempDir,
}

impl Worker {
    /// Starts it on a free port.
    pub(crate) fn start(
        tools: &Tools,
        code: &Code,
        origin_url: &str,
        assertion_keys: &str,
    ) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let source = if code.source.is_dir() {
            code.source.clone()
        } else {
            let source = folder.path().join("source");
            fs::create_dir(&source)?;
            fs::copy(&code.source, source.join("entry.js"))
                .with_context(|| format!("{} can't be read", code.source.display()))?;
            source
        };
        let state = folder.path().join("state");
        let mut options = Options::edge(&source, &state, origin_url, assertion_keys);
        options.objects = code
            .objects
            .iter()
            .map(|(binding, class)| ((*binding).to_owned(), (*class).to_owned()))
            .collect();
        let workerd = Workerd::start(tools, &options).with_context(|| code.name.to_owned())?;
        let url = workerd.url(0);
        let address = url.trim_start_matches("http://").parse()?;
        Ok(Self {
            name: code.name,
            address,
            workerd,
            _folder: folder,
        })
    }

    /// Its process, for the reading of processor time.
    pub(crate) fn watched(&self) -> Watched {
        Watched {
            name: "workerd",
            pid: self.workerd.pid(),
        }
    }

    /// Empties its log, to which every request adds a line.
    pub(crate) fn forget_log(&self) -> Result<()> {
        // workerd appends, so it goes on at the new end.
        File::options()
            .write(true)
            .truncate(true)
            .open(self.workerd.log())?;
        Ok(())
    }
}

/// A file of bench/peers.
pub(crate) fn peer(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("peers")
        .join(file)
}
