//! What tests run: tools that are installed once, the programs of this checkout, and builds of the edge.

use std::path::PathBuf;
use std::sync::OnceLock;

use xtask::edge_build::{self, Built};
use xtask::process;
use xtask::progress::Progress;
use xtask::tools::Tools;

use crate::scratch;

/// The tools, installed once.
pub fn tools() -> &'static Tools {
    static TOOLS: OnceLock<Tools> = OnceLock::new();
    TOOLS.get_or_init(|| Tools::ensure(Progress::shown()).expect("the tools install"))
}

/// Which edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    /// As it ships.
    Shipped,
    /// With routes that break on purpose, and with the configuration of [`altered`].
    Breaking,
    /// As it ships, with the next revision of the converters.
    Next,
}

pub(crate) fn built(which: Build) -> &'static Built {
    static SHIPPED: OnceLock<Built> = OnceLock::new();
    static BREAKING: OnceLock<Built> = OnceLock::new();
    static NEXT: OnceLock<Built> = OnceLock::new();
    let (cell, feature, name) = match which {
        Build::Shipped => (&SHIPPED, None, "edge-shipped"),
        Build::Breaking => (&BREAKING, Some("test-routes"), "edge-test-routes"),
        Build::Next => (&NEXT, Some("next-converters"), "edge-next-converters"),
    };
    cell.get_or_init(|| {
        let out = Some(xtask::tools::root().join("target").join(name));
        let options = edge_build::Options {
            config: (which == Build::Breaking).then(altered),
            features: feature.into_iter().map(str::to_owned).collect(),
            out,
        };
        edge_build::build(tools(), &options, Progress::shown()).expect("the edge builds")
    })
}

/// The shop's configuration with what its own bounds would keep a test from seeing: version 1 is
/// switched off for a while, a route gives up at once, an account has more than enough tokens, and
/// changes are refused after a second without the feed.
fn altered() -> PathBuf {
    let mut text = std::fs::read_to_string(xtask::tools::root().join("gateway.toml"))
        .expect("the configuration");
    for (from, to) in [
        ("deprecated = \"2026-", "deprecated = \"2020-"),
        ("sunset = \"2027-", "sunset = \"2099-"),
        (
            "brownouts = []",
            "brownouts = [{ from = \"2021-01-01T00:00:00Z\", to = \"2098-01-01T00:00:00Z\" }]",
        ),
        (
            "name = \"readiness\"",
            "name = \"readiness\"\ntimeout_ms = 300",
        ),
        ("rate = 1000\n", "rate = 10000000\n"),
        ("timeout_ms = 25000", "timeout_ms = 2500"),
        ("refuse_after_seconds = 60", "refuse_after_seconds = 1"),
    ] {
        assert!(text.contains(from), "gateway.toml has no {from}");
        text = text.replace(from, to);
    }
    // Always the same file, so that an unchanged build is found again.
    let file = xtask::tools::root().join("target/altered.toml");
    std::fs::write(&file, text).expect("written");
    file
}

/// The edge as it ships, for a cluster.
pub fn shipped_edge() -> PathBuf {
    built(Build::Shipped).folder.clone()
}

/// Origin and provider, for a cluster.
pub fn programs() -> xtask::origin::Programs {
    xtask::origin::Programs {
        origin: program("origin"),
        sandbox: program("sandbox"),
    }
}

/// A program of this checkout.
pub(crate) fn program(name: &str) -> PathBuf {
    static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();
    let programs = PROGRAMS.get_or_init(|| {
        let mut build = tools().cargo();
        build
            .args(["build", "--quiet", "--workspace"])
            .args(["--bin", "origin", "--bin", "sandbox"]);
        process::run("cargo build", &mut build, "Origin and sandbox must build.")
            .expect("it builds");
        scratch::target()
    });
    programs.join(name)
}
