//! `cargo xtask dev` as a new user runs it, and every command that the pages show.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use serde_json::Value;
use tests::pages;
use tests::scratch;
use tests::wait::until_within;
use xtask::process::{Running, Signal};

/// What `dev` may take until it is ready: everything is built before, so it starts and seeds.
const READY_SECONDS: u64 = 180;
/// What it may take to end.
const END_SECONDS: u64 = 30;

/// A running `dev` with a folder of its own.
struct Dev {
    running: Running,
    data: PathBuf,
}

impl Dev {
    fn start(name: &str) -> Self {
        Self::start_with(name, &[])
    }

    fn start_with(name: &str, flags: &[&str]) -> Self {
        let data = scratch::folder().join(name);
        let mut command = Command::new("cargo");
        command
            .args(["xtask", "dev", "--port", "0", "--origin-port", "0"])
            .args(["--products", "500", "--ephemeral", "--data"])
            .arg(&data)
            .args(flags)
            .current_dir(xtask::tools::root())
            .env_remove("DATABASE_URL");
        let log = scratch::folder().join(format!("{name}.log"));
        let running = Running::start("dev", &mut command, &log, Signal::TERM).expect("it starts");
        Self { running, data }
    }

    fn said(&self) -> String {
        fs::read_to_string(self.running.log()).unwrap_or_default()
    }

    /// The two URLs of the ready line.
    async fn ready(&mut self) -> (String, String) {
        let log = self.running.log().to_owned();
        until_within(READY_SECONDS, "dev is ready", || {
            let check = self.running.check();
            let said = fs::read_to_string(&log).unwrap_or_default();
            async move {
                check.expect("dev runs");
                said.lines()
                    .find_map(|line| line.strip_prefix("ready edge="))
                    .and_then(|rest| rest.split_once(" origin="))
                    .map(|(edge, origin)| (edge.to_owned(), origin.to_owned()))
            }
        })
        .await
    }

    async fn ended(&mut self) -> ExitStatus {
        until_within(END_SECONDS, "dev has ended", || {
            let exit = self.running.exit().expect("it can be asked");
            async move { exit }
        })
        .await
    }
}

/// The process below `parent` whose command line holds all the words.
fn child(parent: u32, words: &[&str]) -> Option<u32> {
    let processes = fs::read_dir("/proc").expect("/proc").flatten();
    processes
        .filter_map(|process| process.file_name().to_str()?.parse::<u32>().ok())
        .find(|pid| {
            let read = |file: &str| fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
            let status = String::from_utf8_lossy(&read("status")).into_owned();
            let line = String::from_utf8_lossy(&read("cmdline")).replace('\0', " ");
            status.contains(&format!("PPid:\t{parent}\n"))
                && words.iter().all(|word| line.contains(word))
        })
}

fn signal(pid: u32, name: &str) {
    let status = Command::new("kill")
        .args([name, &pid.to_string()])
        .status()
        .expect("kill runs");
    assert!(status.success(), "kill {name} {pid}");
}

/// Runs a command as a shell would, with these variables, and answers what it printed.
fn shell(command: &str, variables: &BTreeMap<String, String>) -> String {
    let output = Command::new("sh")
        .args(["-c", command])
        .envs(variables)
        .current_dir(xtask::tools::root())
        .output()
        .expect("a shell");
    let text = String::from_utf8_lossy(&output.stdout).replace('\r', "");
    assert!(
        output.status.success(),
        "{command}\n{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

#[tokio::test]
async fn two_shops_run_side_by_side_and_end_as_they_should() {
    let (mut one, mut other) = (Dev::start("dev-one"), Dev::start("dev-other"));
    let (edge, origin) = one.ready().await;
    let (other_edge, _) = other.ready().await;
    assert_ne!(edge, other_edge);
    let endpoints: Value =
        serde_json::from_slice(&fs::read(one.data.join("endpoints.json")).expect("endpoints"))
            .expect("JSON");
    assert_eq!(
        (&endpoints["edge"], &endpoints["origin"]),
        (&edge.into(), &origin.into())
    );

    pasted_commands_work(&one.said());
    pages_tell_the_truth(&endpoints);

    // A crash of a part is told, and takes the rest along.
    let victim = child(one.running.pid(), &["origin", "run"]).expect("the origin's process");
    signal(victim, "-KILL");
    let status = one.ended().await;
    assert!(!status.success(), "{}", one.said());
    assert!(one.said().contains("origin ended"), "{}", one.said());
    assert!(!one.data.join("endpoints.json").exists());

    // A request to end is what was asked for.
    signal(other.running.pid(), "-TERM");
    let status = other.ended().await;
    assert!(status.success(), "{status}: {}", other.said());
}

/// The `curl`s that `dev` prints, as a user pastes them.
fn pasted_commands_work(said: &str) {
    let from = said.find("\ncurl ").expect("a curl to paste") + 1;
    let to = said[from..].find("\n\n").expect("its end") + from;
    let commands = said[from..to].replace("\\\n", " ");
    let [product, order] = commands.lines().collect::<Vec<_>>()[..] else {
        panic!("two commands: {commands}");
    };
    let run = |command| shell(command, &BTreeMap::new());
    assert!(run(product).starts_with("HTTP/1.1 200"), "{product}");
    let (first, again) = (run(order), run(order));
    assert!(first.starts_with("HTTP/1.1 201"), "{first}");
    assert!(again.contains("idempotent-replayed: true"), "{again}");
    let body = |answer: &str| answer.lines().last().map(str::to_owned);
    assert_eq!(body(&first), body(&again));
}

/// Each command of the pages, with what they show of its answer.
fn pages_tell_the_truth(endpoints: &Value) {
    let text = |name: &str| endpoints[name].as_str().expect("a text").to_owned();
    let mut facts = pages::Facts {
        addresses: BTreeMap::from([
            ("http://127.0.0.1:8787".to_owned(), text("edge")),
            ("http://127.0.0.1:8080".to_owned(), text("origin")),
        ]),
        variables: BTreeMap::from([
            ("CUSTOMER".to_owned(), text("customer_token")),
            ("ADMIN".to_owned(), text("admin_token")),
        ]),
    };
    let mut checked = 0;
    for page in pages::all(&xtask::tools::root()) {
        for example in pages::examples(&fs::read_to_string(&page).expect("a page")) {
            checked += usize::from(check(&page, &example, &mut facts));
        }
    }
    assert!(checked > 10, "{checked} commands talk to a shop");
}

/// Runs an example if it talks to a running shop. What starts shops and builds is run by the tests
/// that need them.
fn check(page: &Path, example: &pages::Example, facts: &mut pages::Facts) -> bool {
    let command = facts.addressed(&example.command);
    if !command.contains("curl") {
        assert!(
            ["cargo xtask ", "npm ", "export "]
                .iter()
                .any(|begin| command.starts_with(begin)),
            "{}: `{command}` is run by no test",
            page.display()
        );
        return false;
    }
    // `NAME=$(…)`: what later examples need.
    if let Some((name, _)) = example.command.split_once("=$(") {
        let value = shell(
            &format!("{command}\nprintf %s \"${name}\""),
            &facts.variables,
        );
        assert!(!value.is_empty(), "{command} gives nothing");
        facts.variables.insert(name.to_owned(), value);
        return true;
    }
    let printed = shell(&command, &facts.variables);
    if let Some(missing) = facts.first_missing(&example.shown, &printed) {
        panic!(
            "{}: `{}` does not show\n{missing}\nbut\n{printed}",
            page.display(),
            example.command
        );
    }
    true
}

#[tokio::test]
async fn a_cluster_starts_again_whatever_dies_and_ends_as_it_should() {
    let mut dev = Dev::start_with("dev-cluster", &["--cluster"]);
    let (edge, _) = dev.ready().await;
    let file = fs::read(dev.data.join("endpoints.json")).expect("endpoints");
    let endpoints: Value = serde_json::from_slice(&file).expect("JSON");
    let edges = endpoints["edges"].as_array().expect("edges");
    assert_eq!((edges.len(), edges[0].as_str()), (2, Some(edge.as_str())));
    assert_eq!(endpoints["origins"].as_array().expect("origins").len(), 2);
    pasted_commands_work(&dev.said());
    for url in edges {
        let url = format!("{}/v2/products?limit=1", url.as_str().expect("a URL"));
        assert!(reqwest::get(url).await.unwrap().status().is_success());
    }

    let victim = child(dev.running.pid(), &["origin", "serve"]).expect("an origin's process");
    signal(victim, "-KILL");
    let log = dev.running.log().to_owned();
    until_within(END_SECONDS, "the origin is back", || {
        let said = fs::read_to_string(&log).unwrap_or_default();
        async move { said.contains("\nback  origin ").then_some(()) }
    })
    .await;
    assert!(dev.said().contains("died  origin-"), "{}", dev.said());

    signal(dev.running.pid(), "-TERM");
    let status = dev.ended().await;
    assert!(status.success(), "{status}: {}", dev.said());
    assert!(!dev.data.join("endpoints.json").exists());
}
