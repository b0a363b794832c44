//! Dockerfile, compose.yaml, .env.example and docs/deployment.md, held against what they name: settings,
//! commands, folders, ports, versions. Linters look at the rest (`xtask/src/containers.rs`).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use origin::config::Config;

/// What is not the origin's setting: Postgres's own, the sandbox's (`sandbox/src/main.rs`), the edge's
/// (`wrangler.toml`), and the log's.
const OTHERS: [&str; 7] = [
    "ORIGIN_URL",
    "POSTGRES_USER",
    "POSTGRES_DB",
    "POSTGRES_PASSWORD",
    "SANDBOX_DATABASE_URL",
    "SANDBOX_LISTEN",
    "RUST_LOG",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap()
}

/// The origin's settings by their names in the environment, and whether each is a secret.
fn settings() -> Vec<(String, bool)> {
    let command = Config::augment_args(clap::Command::new("origin"));
    let settings = command.get_arguments().filter_map(|argument| {
        let name = argument.get_env()?.to_str()?.to_owned();
        Some((name, argument.is_hide_env_values_set()))
    });
    settings.collect()
}

/// Names in capitals that a file sets or tells: `NAME=` at the beginning of a line, maybe behind `#`,
/// `NAME:`, or between backticks.
fn told(text: &str) -> BTreeSet<&str> {
    let set = text.lines().filter_map(|line| {
        let line = line.trim_start_matches(['#', ' ']);
        Some(line.split_once(['=', ':'])?.0)
    });
    let quoted = text.split('`').skip(1).step_by(2);
    let is_name = |name: &&str| {
        let fits = |char: char| char.is_ascii_uppercase() || char.is_ascii_digit() || char == '_';
        name.chars().all(fits) && (name.contains('_') || *name == "LISTEN")
    };
    set.chain(quoted).filter(is_name).collect()
}

#[test]
fn every_setting_is_known() {
    let known: BTreeSet<String> = settings().into_iter().map(|(name, _)| name).collect();
    assert!(
        known.contains("DATABASE_URL") && known.contains("LISTEN"),
        "{known:?}"
    );
    let sandbox = read("sandbox/src/main.rs");
    for name in OTHERS.iter().filter(|name| name.starts_with("SANDBOX_")) {
        assert!(sandbox.contains(&format!("env = \"{name}\"")), "{name}");
    }
    assert!(read("wrangler.toml").contains("\nORIGIN_URL = "));
    for file in ["compose.yaml", ".env.example", "docs/deployment.md"] {
        let text = read(file);
        let named = told(&text);
        assert!(named.len() > 3, "{file}: {named:?}");
        for name in named {
            assert!(
                known.contains(name) || OTHERS.contains(&name),
                "{file}: {name} is no setting"
            );
        }
    }
    // Without these nothing starts, so whoever copies the example must meet them.
    let example = read(".env.example");
    for name in [
        "POSTGRES_PASSWORD",
        "ASSERTION_KEYS",
        "DERIVATION_KEY",
        "EDGE_URL",
    ] {
        let asked = example.lines().any(|line| line == format!("{name}="));
        assert!(asked, "{name} is asked for, and without a value");
    }
}

#[test]
fn no_secret_is_baked_in() {
    let file = read("Dockerfile");
    let baked = file
        .lines()
        .filter(|line| line.starts_with("ENV ") || line.starts_with("ARG "));
    let baked: Vec<_> = baked.collect();
    assert!(!baked.is_empty());
    for (name, secret) in settings() {
        let stands = baked.iter().any(|line| line.contains(&format!(" {name}=")));
        assert!(!(secret && stands), "{name}");
    }
    let taken = read(".dockerignore");
    assert!(
        taken.lines().any(|line| line == "*"),
        "all is kept out but what is named"
    );
    for line in taken.lines().filter_map(|line| line.strip_prefix('!')) {
        assert!(!line.starts_with('.'), "{line} could be a secret");
    }
    assert!(read(".gitignore").lines().any(|line| line == "/.env"));
}

#[test]
fn what_the_image_is_made_of_is_there() {
    let file = read("Dockerfile");
    let taken = read(".dockerignore");
    let mut copied = BTreeSet::new();
    for line in file.lines().filter_map(|line| line.strip_prefix("COPY ")) {
        if line.starts_with("--from=") {
            continue;
        }
        let words: Vec<_> = line.split_whitespace().collect();
        for source in &words[..words.len() - 1] {
            assert!(root().join(source).exists(), "{source}");
            let let_in = taken.lines().any(|line| line == format!("!{source}"));
            assert!(let_in, "{source} is kept out by .dockerignore");
            copied.insert((*source).to_owned());
        }
    }
    let manifest = read("Cargo.toml");
    let members = manifest
        .lines()
        .find_map(|line| line.strip_prefix("members = "));
    let members: Vec<_> = members.unwrap().split('"').skip(1).step_by(2).collect();
    assert!(members.contains(&"origin"));
    for member in members {
        assert!(copied.contains(member), "Cargo needs {member}, too");
    }
    let toolchain = read("rust-toolchain.toml");
    let channel = toolchain
        .lines()
        .find_map(|line| line.strip_prefix("channel = "));
    let compiler = format!("FROM rust:{}-slim-", channel.unwrap().trim_matches('"'));
    assert!(
        file.lines().any(|line| line.starts_with(&compiler)),
        "{compiler}"
    );
    for program in ["origin", "sandbox"] {
        assert!(file.contains(&format!("--package {program}")), "{program}");
        assert!(
            root().join(program).join("src/main.rs").exists(),
            "{program}"
        );
    }
}

#[test]
fn images_are_pinned_and_nobody_is_root() {
    let file = read("Dockerfile");
    let compose = read("compose.yaml");
    let stages: BTreeSet<_> = file
        .lines()
        .filter_map(|line| line.split_once(" AS "))
        .collect();
    let stages: BTreeSet<_> = stages.into_iter().map(|(_, name)| name).collect();
    let from = file.lines().filter_map(|line| line.strip_prefix("FROM "));
    let from = from.filter_map(|line| line.split_whitespace().next());
    let images = compose
        .lines()
        .filter_map(|line| line.trim().strip_prefix("image: "));
    let images: Vec<_> = from
        .filter(|image| !stages.contains(image))
        .chain(images)
        .collect();
    assert!(images.len() > 4, "{images:?}");
    for image in images {
        let (_, tag) = image.split_once(':').unwrap_or_default();
        // At least `major.minor`: a tag of less moves with every release.
        let pinned = tag.chars().any(|char| char.is_ascii_digit()) && tag.contains('.');
        assert!(pinned, "{image}");
    }
    let user = file
        .lines()
        .filter_map(|line| line.strip_prefix("USER "))
        .next_back();
    assert_eq!(user, Some("10001:10001"));
    for stage in ["sandbox", "origin"] {
        assert!(file.contains(&format!("FROM base AS {stage}\n")), "{stage}");
    }
    for target in compose
        .lines()
        .filter_map(|line| line.trim().strip_prefix("target: "))
    {
        assert!(stages.contains(target), "{target}");
    }
}

#[test]
fn every_command_is_one_and_ports_meet() {
    let file = read("Dockerfile");
    let compose = read("compose.yaml");
    let quoted = |line: &str| line.split('"').nth(1).map(str::to_owned);
    let mut commands: Vec<String> = compose
        .lines()
        .filter_map(|line| line.trim().strip_prefix("command: "))
        .filter_map(quoted)
        .collect();
    let (_, origin) = file.split_once("AS origin\n").unwrap();
    let line = |name: &str| {
        origin
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .unwrap()
    };
    commands.push(quoted(line("CMD ")).unwrap());
    assert!(line("HEALTHCHECK ").ends_with(r#"CMD ["origin", "probe"]"#));
    commands.push("probe".to_owned());
    for expected in ["migrate", "serve", "work", "run", "probe"] {
        assert!(
            commands.iter().any(|command| command == expected),
            "{expected}"
        );
    }
    for command in commands {
        let help = Command::new(env!("CARGO_BIN_EXE_origin"))
            .args([&command, "--help"])
            .output()
            .unwrap();
        assert!(help.status.success(), "origin {command}");
    }
    let port = line("EXPOSE ");
    assert_eq!(line("ENV LISTEN="), format!("0.0.0.0:{port}"));
    assert!(compose.contains(&format!(":{port}:{port}\"")), "{port}");
    // An end must not be cut short by who asked for it.
    let grace = compose.matches("stop_grace_period: 35s").count();
    let config = Config::augment_args(clap::Command::new("origin"));
    let drain = config
        .get_arguments()
        .find(|one| one.get_id() == "drain_seconds");
    let drain = drain.unwrap().get_default_values()[0].to_str().unwrap();
    assert_eq!((grace, drain), (2, "30"));
}
