//! The edge under `wrangler dev`, with a configuration derived from wrangler.toml.
//!
//! The derived file stands in the state folder, so that secrets, logs and storage stay there too,
//! and so that two of them don't meet.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::process::{Running, Signal};
use crate::secrets::write_private;
use crate::tools::Tools;
use crate::wait;

/// What wrangler may take until its port answers; a loaded machine is slow.
const START_MAX: Duration = Duration::from_secs(90);

/// What wrangler writes, and goes on, when workerd dies below it.
pub const RUNTIME_CRASHED: &str = "Workers runtime crashed";

/// What to run.
#[derive(Debug)]
pub struct Options<'a> {
    /// The built worker: a folder with `entry.js` and `build/`.
    pub worker: &'a Path,
    /// Arguments of `xtask build-edge` that make that folder again when a source changes.
    pub rebuild: Vec<String>,
    /// The folder for the configuration, secrets, storage and wrangler's own files.
    pub state: &'a Path,
    /// Where wrangler's output goes.
    pub log: &'a Path,
    /// The port on 127.0.0.1.
    pub port: u16,
    /// `ORIGIN_URL`.
    pub origin_url: &'a str,
    /// `ASSERTION_KEYS`.
    pub assertion_keys: &'a str,
}

/// Starts `wrangler dev` and waits until the edge answers.
pub fn start(tools: &Tools, options: &Options) -> Result<Running> {
    std::fs::create_dir_all(options.state)?;
    let text = std::fs::read_to_string(tools.root().join("wrangler.toml"))
        .context("wrangler.toml can't be read; `git checkout wrangler.toml` brings it back.")?;
    let config = options.state.join("wrangler.toml");
    std::fs::write(
        &config,
        derive(&text, tools.root(), options, &std::env::current_exe()?)?,
    )?;
    let keys = format!("ASSERTION_KEYS={}\n", options.assertion_keys);
    write_private(&options.state.join(".dev.vars"), &keys)?;
    let mut wrangler = tools.node_command("wrangler");
    wrangler
        .current_dir(options.state)
        .arg("dev")
        .arg("--config")
        .arg(&config)
        .args(["--ip", "127.0.0.1", "--port", &options.port.to_string()])
        // Any free port: two inspectors on the default one would collide.
        .args([
            "--inspector-port",
            "0",
            "--show-interactive-dev-session=false",
        ])
        .arg("--persist-to")
        .arg(options.state.join("storage"))
        .env("WRANGLER_LOG_PATH", options.state.join("wrangler-logs"))
        .env("WRANGLER_REGISTRY_PATH", options.state.join("registry"))
        // The rebuild finds cargo's own variables again by itself.
        .env("FORCE_COLOR", "0");
    let mut running = Running::start("wrangler", &mut wrangler, options.log, Signal::TERM)?;
    wait::until(START_MAX, "the edge to answer", || {
        running.check()?;
        Ok(answers(options.port).then_some(()))
    })?;
    Ok(running)
}

/// Any answer of the Worker will do; wrangler's own port refuses until it is up.
fn answers(port: u16) -> bool {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(20)))
        .http_status_as_error(false)
        .build()
        .into();
    agent
        .get(format!("http://127.0.0.1:{port}/healthz"))
        .call()
        .is_ok()
}

/// The configuration for one `wrangler dev`, from the one that is deployed.
fn derive(text: &str, root: &Path, options: &Options, xtask: &Path) -> Result<String> {
    let mut config: toml::Table = text.parse().context("wrangler.toml is no TOML.")?;
    let text = |path: PathBuf| toml::Value::String(path.display().to_string());
    config.insert("main".into(), text(options.worker.join("entry.js")));
    let mut vars = table(&config, "vars");
    vars.insert("ORIGIN_URL".into(), options.origin_url.into());
    config.insert("vars".into(), vars.into());
    let mut build = table(&config, "build");
    let words = std::iter::once(xtask.display().to_string()).chain(options.rebuild.iter().cloned());
    let command = words.map(|word| quote(&word)).collect::<Vec<_>>().join(" ");
    build.insert("command".into(), command.into());
    build.insert("cwd".into(), text(root.to_owned()));
    let watched = match build.get("watch_dir") {
        Some(toml::Value::Array(folders)) => folders.clone(),
        Some(folder) => vec![folder.clone()],
        None => Vec::new(),
    };
    let absolute = watched
        .iter()
        .filter_map(toml::Value::as_str)
        .map(|dir| text(root.join(dir)));
    build.insert("watch_dir".into(), toml::Value::Array(absolute.collect()));
    config.insert("build".into(), build.into());
    Ok(toml::to_string(&config)?)
}

fn table(config: &toml::Table, name: &str) -> toml::Table {
    config
        .get(name)
        .and_then(toml::Value::as_table)
        .cloned()
        .unwrap_or_default()
}

/// One word of a shell's command.
fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn derived(text: &str) -> toml::Table {
        let options = Options {
            worker: Path::new("/repo/edge"),
            rebuild: vec!["build-edge".into()],
            state: Path::new("/state"),
            log: Path::new("/log"),
            port: 1,
            origin_url: "http://127.0.0.1:8080",
            assertion_keys: "dev:secret",
        };
        let xtask = Path::new("/my repo/xtask");
        derive(text, Path::new("/repo"), &options, xtask)
            .unwrap()
            .parse()
            .unwrap()
    }

    #[test]
    fn paths_become_absolute_and_the_origin_is_ours() {
        let config = derived(
            "name = \"headgate\"\nmain = \"edge/entry.js\"\n[vars]\nORIGIN_URL = \"https://o\"\n\
             OTHER = \"kept\"\n[build]\ncommand = \"cargo xtask build-edge\"\n\
             watch_dir = [\"edge/src\", \"shared/src\"]\n",
        );
        assert_eq!(config["name"].as_str(), Some("headgate"));
        assert_eq!(config["main"].as_str(), Some("/repo/edge/entry.js"));
        assert_eq!(
            config["vars"]["ORIGIN_URL"].as_str(),
            Some("http://127.0.0.1:8080")
        );
        assert_eq!(config["vars"]["OTHER"].as_str(), Some("kept"));
        assert_eq!(
            config["build"]["command"].as_str(),
            Some("'/my repo/xtask' 'build-edge'")
        );
        assert_eq!(
            config["build"]["watch_dir"][1].as_str(),
            Some("/repo/shared/src")
        );
    }

    #[test]
    fn no_secret_is_in_it() {
        let text = toml::to_string(&derived("main = \"x\"")).unwrap();
        assert!(!text.contains("secret"), "{text}");
    }
}
