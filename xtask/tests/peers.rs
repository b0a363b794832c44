//! The peers are brought, or named as skipped, and are the programs that they should be.

use std::path::Path;
use std::process::Command;

use xtask::environment::Environment;
use xtask::peers::{self, AIOSMTPD, MOTO, Peer, SCHEMATHESIS};
use xtask::process;
use xtask::progress::Progress;

fn version(peer: Peer, environment: &Environment) -> Option<String> {
    let program = peer.or_skip(environment.ci).expect("a peer or a skip")?;
    Some(printed(&program))
}

fn printed(program: &Path) -> String {
    let mut command = Command::new(program);
    command.arg("--version");
    process::run("a peer", &mut command, "It must run.").expect("it runs")
}

#[test]
fn schemathesis_is_of_its_version() {
    let environment = Environment::read();
    let peer = peers::schemathesis(&environment, Progress::shown()).expect("nobody interrupts");
    if let Some(version) = version(peer, &environment) {
        assert!(version.contains(SCHEMATHESIS), "{version}");
        // The second time it is found, not made.
        let again = peers::schemathesis(&environment, Progress::quiet()).expect("it is there");
        assert!(matches!(again, Peer::Here(_)), "{again:?}");
    }
}

#[test]
fn the_browser_says_who_it_is() {
    let environment = Environment::read();
    let peer = peers::chromium(&environment, Progress::shown()).expect("nobody interrupts");
    if let Some(version) = version(peer, &environment) {
        assert!(version.contains("Chrom"), "{version}");
    }
}

#[test]
fn the_redis_is_a_redis() {
    let environment = Environment::read();
    let peer = peers::redis_server(&environment, Progress::shown()).expect("nobody interrupts");
    if let Some(version) = version(peer, &environment) {
        assert!(version.contains(" server v="), "{version}");
    }
}

#[test]
fn the_mail_server_is_of_its_version() {
    let environment = Environment::read();
    let peer = peers::aiosmtpd(&environment, Progress::shown()).expect("nobody interrupts");
    if let Some(python) = peer.or_skip(environment.ci).expect("a peer or a skip") {
        let mut command = Command::new(python);
        command.args(["-m", "aiosmtpd", "--version"]);
        let version = process::run("aiosmtpd", &mut command, "It must run.").expect("it runs");
        assert!(version.contains(AIOSMTPD), "{version}");
    }
}

#[test]
fn the_sqs_server_is_of_its_version() {
    let environment = Environment::read();
    let peer = peers::moto(&environment, Progress::shown()).expect("nobody interrupts");
    if let Some(python) = peer.or_skip(environment.ci).expect("a peer or a skip") {
        let mut command = Command::new(python);
        command.args(["-c", "import moto, moto.server; print(moto.__version__)"]);
        let version = process::run("moto", &mut command, "It must run.").expect("it runs");
        assert_eq!(version.trim(), MOTO);
    }
}
