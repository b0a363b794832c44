//! The shop's programs: the origin and the payment provider.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use xtask::process::{self, Running, Signal};
use xtask::sandbox::{self, Sandbox};

use crate::build::program;

pub(super) const ASSERTION_KEYS: &str = "k:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const DERIVATION_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const PAYMENT_WEBHOOK_SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// What the origin may take until it is ready.
const READY_MAX: Duration = Duration::from_secs(30);

/// The payment provider, on a database beside the shop's.
pub(super) fn provider(database_url: &str, port: u16, origin_port: u16, folder: &Path) -> Sandbox {
    let options = sandbox::Options {
        program: &program("sandbox"),
        database_url: &sandbox::database_url(database_url),
        log: &folder.join("sandbox.log"),
        port,
        tells: Some(sandbox::Listener {
            origin_url: &format!("http://127.0.0.1:{origin_port}"),
            secret: PAYMENT_WEBHOOK_SECRET,
        }),
    };
    options.start().expect("the provider starts")
}

/// The origin's program.
pub(super) fn origin() -> Command {
    let mut command = Command::new(program("origin"));
    command
        .env("ASSERTION_KEYS", ASSERTION_KEYS)
        .env("DERIVATION_KEY", DERIVATION_KEY)
        // Nobody shares out requests, where a test does not say so.
        .env("DRAIN_GRACE_SECONDS", "0")
        .env("RUST_LOG", "info");
    command
}

pub(super) fn run_origin(database_url: &str, arguments: &[&str]) -> String {
    let mut command = origin();
    command.args(arguments).env("DATABASE_URL", database_url);
    let output = process::output("origin", &mut command).expect("the origin runs");
    assert!(
        output.status.success(),
        "origin {arguments:?}: {}",
        output.stderr
    );
    output.stdout.trim().to_owned()
}

pub(super) fn mint(database_url: &str, subject: &str, role: &str) -> String {
    run_origin(database_url, &["token", "--sub", subject, "--role", role])
}

/// Starts the origin with its relay and consumers, and waits until it says that it is ready.
pub(super) fn origin_serving(
    database_url: &str,
    settings: &[(&str, String)],
    port: u16,
    provider: &Sandbox,
    folder: &Path,
    edge_url: &str,
) -> Running {
    let mut command = origin();
    command
        .arg("run")
        .env("MAIL_DIR", folder.join("mail"))
        .env("EDGE_URL", edge_url);
    command.envs(settings.iter().map(|(name, value)| (*name, value)));
    ready(
        command,
        database_url,
        port,
        provider,
        &folder.join("origin.log"),
    )
}

/// Starts a command of the origin that serves, and waits until it is ready.
pub(super) fn ready(
    mut command: Command,
    database_url: &str,
    port: u16,
    provider: &Sandbox,
    log: &Path,
) -> Running {
    command
        .env("DATABASE_URL", database_url)
        .env("SANDBOX_URL", &provider.url)
        .env("PAYMENT_WEBHOOK_SECRET", PAYMENT_WEBHOOK_SECRET)
        .env("LISTEN", format!("127.0.0.1:{port}"))
        .env("DIRECT_TOKENS", "true")
        .env("WEBHOOKS_ALLOW_PRIVATE", "true");
    // An earlier process's ready line must not be taken for this one's.
    std::fs::remove_file(log).ok();
    let mut origin =
        Running::start("origin", &mut command, log, Signal::TERM).expect("the origin starts");
    let ready = xtask::wait::until(READY_MAX, "the origin's ready line", || {
        origin.check()?;
        let text = std::fs::read_to_string(log)?;
        Ok(text.contains("\"ready\":true").then_some(()))
    });
    ready.expect("the origin is ready");
    origin
}
