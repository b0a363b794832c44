//! The environment, read once. What is absent here has no influence on what xtask does.

use std::ffi::OsString;
use std::path::PathBuf;

/// The variables that xtask honours.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// `HEADGATE_TOOLS`: where pinned tools are kept; else `<cache>/headgate/tools`.
    pub tools: Option<PathBuf>,
    /// `XDG_CACHE_HOME`.
    pub cache_home: Option<PathBuf>,
    /// `HOME`.
    pub home: Option<PathBuf>,
    /// `PATH`, to which the npm tools are prepended.
    pub path: OsString,
    /// `CARGO`: set by cargo for what it runs; else `cargo` from `PATH`.
    pub cargo: OsString,
    /// `CARGO_TARGET_DIR`; else `target`.
    pub cargo_target: Option<PathBuf>,
    /// `DATABASE_URL`: use this Postgres and start none.
    pub database_url: Option<String>,
    /// `SMTP_URL`: mail goes there, not into files.
    pub smtp_url: Option<String>,
    /// `HEADGATE_POSTGRES`: a folder with `initdb` and `postgres`, before any that xtask finds.
    pub postgres: Option<PathBuf>,
    /// `CHROME_BIN`: the browser for tests, before any that xtask finds.
    pub chrome: Option<PathBuf>,
    /// `CI=true`: a skipped test is a failure.
    pub ci: bool,
}

impl Environment {
    /// Reads the process's environment. An empty variable counts as unset.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where xtask reads the environment"
    )]
    pub fn read() -> Self {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let text = |name: &str| set(name).and_then(|value| value.into_string().ok());
        Self {
            tools: set("HEADGATE_TOOLS").map(PathBuf::from),
            cache_home: set("XDG_CACHE_HOME").map(PathBuf::from),
            home: set("HOME").map(PathBuf::from),
            path: set("PATH").unwrap_or_default(),
            cargo: set("CARGO").unwrap_or_else(|| "cargo".into()),
            cargo_target: set("CARGO_TARGET_DIR").map(PathBuf::from),
            database_url: text("DATABASE_URL"),
            smtp_url: text("SMTP_URL"),
            postgres: set("HEADGATE_POSTGRES").map(PathBuf::from),
            chrome: set("CHROME_BIN").map(PathBuf::from),
            ci: text("CI").is_some_and(|value| value == "true" || value == "1"),
        }
    }

    /// Where pinned tools are kept.
    pub fn tools_folder(&self) -> PathBuf {
        let named = self.tools.clone();
        named.unwrap_or_else(|| self.cache().join("tools"))
    }

    /// The folder for things that are expensive to make and safe to delete.
    pub fn cache(&self) -> PathBuf {
        let base = self
            .cache_home
            .clone()
            .or_else(|| self.home.as_ref().map(|h| h.join(".cache")));
        base.unwrap_or_else(std::env::temp_dir).join("headgate")
    }
}
