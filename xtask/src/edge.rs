//! `cargo xtask edge`: the edge alone, with any configuration, before any HTTP origin.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::lock::Lock;
use crate::progress::Progress;
use crate::secrets::Secrets;
use crate::tools::{Tools, root};
use crate::{edge_build, interrupt, ports, wait, wrangler};

/// How often to see whether it still runs.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What `edge` can be told.
#[derive(Debug, Args)]
pub struct Options {
    /// The gateway's configuration
    #[arg(long)]
    config: PathBuf,
    /// The origin's base URL
    #[arg(long)]
    origin: String,
    /// The edge's port; 0 takes a free one
    #[arg(long, default_value_t = 8787)]
    port: u16,
}

/// Runs the edge until the user stops it.
pub fn edge(options: &Options) -> Result<bool> {
    let progress = Progress::shown();
    let origin = origin_url(&options.origin)?;
    let port = if options.port == 0 {
        ports::free()?
    } else {
        options.port
    };
    ports::check(port, "edge", "--port")?;
    let config = std::path::absolute(&options.config)?;
    let state = root().join(".dev").join(format!("edge-{port}"));
    let _lock = Lock::try_on(&state)?.with_context(|| {
        format!(
            "Another edge uses {}. Choose another `--port`.",
            state.display()
        )
    })?;
    let tools = Tools::ensure(progress)?;
    let worker = state.join("worker");
    let build = edge_build::Options {
        config: Some(config.clone()),
        out: Some(worker.clone()),
        ..edge_build::Options::default()
    };
    edge_build::build(&tools, &build, progress)?;
    let secrets = Secrets::keep(&state.join("secrets.env"))?;
    let text = |path: &std::path::Path| path.display().to_string();
    let log = state.join("edge.log");
    let mut running = progress.step("edge under wrangler dev", || {
        wrangler::start(
            &tools,
            &wrangler::Options {
                worker: &worker,
                rebuild: vec![
                    "build-edge".into(),
                    "--config".into(),
                    text(&config),
                    "--out".into(),
                    text(&worker),
                ],
                state: &state,
                log: &log,
                port,
                origin_url: &origin,
                assertion_keys: &secrets.assertion_keys,
            },
        )
    })?;
    println!("ready edge=http://127.0.0.1:{port} origin={origin}");
    while !wait::settle(LOOK_EVERY, interrupt::requested) {
        running.check()?;
    }
    Ok(true)
}

/// The URL without a trailing slash, so that a path can follow it.
fn origin_url(text: &str) -> Result<String> {
    let rest = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("https://"));
    ensure!(
        rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/')),
        "`--origin {text}` is no URL; write it with its scheme, such as http://127.0.0.1:8080."
    );
    Ok(text.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_url_with_a_scheme() {
        for (text, expected) in [
            ("http://127.0.0.1:8080", Some("http://127.0.0.1:8080")),
            ("https://shop.example/", Some("https://shop.example")),
            ("127.0.0.1:8080", None),
            ("http://", None),
            ("ftp://shop.example", None),
        ] {
            assert_eq!(origin_url(text).ok().as_deref(), expected, "{text}");
        }
    }
}
