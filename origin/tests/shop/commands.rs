//! The operator's commands as a shell has them: what they print, refuse, and say when the database is away.

use std::process::{Command, Output, Stdio};

use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::harness::Shop;

/// A port on which nobody listens.
const NOWHERE: &str = "postgres://shop:secret@127.0.0.1:1/shop";

fn origin(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_origin"));
    command.env_clear().args(arguments);
    command
}

fn at(url: &str, arguments: &[&str]) -> Output {
    let mut command = origin(arguments);
    command.env("DATABASE_URL", url).output().unwrap()
}

impl Shop {
    fn url(&self) -> &str {
        self.config.databases.database_url.expose_secret()
    }

    /// What a command prints, which goes well and says nothing beside it.
    fn prints(&self, arguments: &[&str]) -> String {
        let output = at(self.url(), arguments);
        let told = text(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {told}");
        assert_eq!(told, "", "{arguments:?}");
        text(&output.stdout)
    }

    /// Why a command is refused, which prints nothing.
    fn refuses(&self, arguments: &[&str]) -> String {
        let output = at(self.url(), arguments);
        assert!(!output.status.success(), "{arguments:?}");
        assert_eq!(text(&output.stdout), "", "{arguments:?}");
        text(&output.stderr)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_database_that_is_away_is_told_with_its_reason() {
    for arguments in [
        &["migrate"][..],
        &["seed"],
        &["events", "tail"],
        &["dead-letters", "list"],
        &["api-keys", "list"],
        &["clients", "list"],
        &["signing-keys", "list"],
        &["firewall", "show"],
        &["origins", "list"],
        &["purge", "--everything"],
        &["analytics", "rebuild"],
        &["payments", "reconcile"],
        &["explain", "0af7651916cd43dd8448eb211c80319c"],
        &["token", "--sub", "usr_1", "--role", "customer"],
        &["serve", "--listen", "127.0.0.1:0"],
    ] {
        let secret = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
        let mut command = origin(arguments);
        command
            .env("DATABASE_URL", NOWHERE)
            .env("ASSERTION_KEYS", format!("k:{secret}"))
            .env("DERIVATION_KEY", secret);
        let told = text(&command.output().unwrap().stderr);
        let said = told.lines().last().unwrap_or_default();
        assert_eq!(
            said,
            "the database can't be reached: Connection refused (os error 111): see DATABASE_URL",
            "{arguments:?}: {told}"
        );
    }
    let told = text(&at("foo", &["clients", "list"]).stderr);
    assert_eq!(
        told,
        "a database's address is postgres://user:password@host:5432/name, and this is none: relative URL \
         without a base: see DATABASE_URL and DATABASE_REPLICA_URL\n"
    );
}

#[tokio::test]
async fn a_database_that_lets_nobody_in_says_so() {
    let shop = Shop::open().await;
    let (server, name) = shop.url().rsplit_once('/').unwrap();
    let (user, host) = server.rsplit_once('@').unwrap();
    let wrong = format!("{user}wrong@{host}/{name}");
    let told = text(&at(&wrong, &["events", "tail"]).stderr);
    let expected = "the database can't be reached: password authentication failed for user";
    assert!(told.starts_with(expected), "{told}");
    let told = text(&at(&format!("{server}/nowhere"), &["events", "tail"]).stderr);
    let expected = "database \"nowhere\" does not exist: run `origin migrate`\n";
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_reader_that_goes_ends_a_command_without_a_word() {
    let shop = Shop::open().await;
    for arguments in [
        &["openapi"][..],
        &["asyncapi"],
        &["signing-keys", "list"],
        &["--json", "clients", "list"],
    ] {
        let mut command = origin(arguments);
        command
            .env("DATABASE_URL", shop.url())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut running = command.spawn().unwrap();
        drop(running.stdout.take());
        let output = running.wait_with_output().unwrap();
        let told = text(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {told}");
        assert_eq!(told, "", "{arguments:?}");
    }
}

#[tokio::test]
async fn a_database_is_named_before_a_subcommand_or_behind_it() {
    let shop = Shop::open().await;
    let payments = ["--sandbox-url", "http://127.0.0.1:1"];
    for (group, subcommand) in [
        ("events", &["tail"][..]),
        ("dead-letters", &["list"]),
        ("signing-keys", &["list"]),
        ("analytics", &["rebuild"]),
        ("api-keys", &["list"]),
        ("clients", &["list"]),
        ("firewall", &["show"]),
        ("origins", &["list"]),
    ] {
        let named = ["--database-url", shop.url()];
        for arguments in [
            [&[group], &named[..], subcommand].concat(),
            [&[group], subcommand, &named[..]].concat(),
        ] {
            let output = origin(&arguments).output().unwrap();
            assert!(
                output.status.success(),
                "{arguments:?}: {}",
                text(&output.stderr)
            );
        }
        let output = origin(&[&[group], subcommand].concat()).output().unwrap();
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{group}: {told}");
        assert!(
            told.contains("--database-url <DATABASE_URL>"),
            "{group}: {told}"
        );
    }
    // The provider is not there, which is all that is wrong.
    let named = ["payments", "--database-url", shop.url(), "reconcile"];
    let output = origin(&[&named, &payments[..]].concat()).output().unwrap();
    let told = text(&output.stderr);
    assert!(told.contains("the books could not be compared"), "{told}");
}

#[tokio::test]
async fn names_that_stand_for_nobody_are_refused() {
    let shop = Shop::open().await;
    let long = "x".repeat(257);
    for (arguments, said) in [
        (&["clients", "add", "--name", ""][..], "/name: "),
        (&["clients", "add", "--name", "a\nb"], "/name: "),
        (
            &["clients", "add", "--name", "a", "--account", ""],
            "/account: not an account's name. Send 1 to 200 printable ASCII characters.",
        ),
        (
            &["clients", "add", "--name", "a", "--account", "a b"],
            "/account: ",
        ),
        (
            &["token", "--role", "customer", "--sub", ""],
            "write 1 to 256 printable ASCII characters",
        ),
        (
            &["token", "--role", "customer", "--sub", &long],
            "write 1 to 256 printable ASCII characters",
        ),
        (
            &[
                "token", "--role", "customer", "--sub", "a", "--ttl", "2592001",
            ],
            "2592001 is not in -2592000..=2592000",
        ),
        (
            &[
                "token", "--role", "customer", "--sub", "a", "--ttl", "-2592001",
            ],
            "-2592001 is not in -2592000..=2592000",
        ),
    ] {
        let told = shop.refuses(arguments);
        assert!(told.contains(said), "{arguments:?}: {told}");
    }
    assert_eq!(shop.count("select count(*) from oauth_clients").await, 0);
}

#[tokio::test]
async fn what_finds_nothing_by_mistake_is_refused_with_what_there_is() {
    let shop = Shop::open().await;
    let unknown = "dlt_01h455vb4pex5vsknk084sn02q";
    for (arguments, said) in [
        (
            &["dead-letters", "list", "--status", "foo"][..],
            "[possible values: dead, redriven, done, discarded]",
        ),
        (
            &["dead-letters", "list", "--consumer", "emial"],
            "there is no consumer `emial`; there are analytics, ",
        ),
        (
            &["dead-letters", "list", "--consumer", "webhook"],
            "there is no consumer `webhook`",
        ),
        (
            &["dead-letters", "list", "--type", "order.exploded"],
            "there is no type `order.exploded`; there are order.created, ",
        ),
        (
            &["dead-letters", "redrive", "--all", "--consumer", "emial"],
            "there is no consumer `emial`",
        ),
        (
            &["events", "tail", "--type", "order.exploded"],
            "[possible values: order.created, ",
        ),
        (&["dead-letters", "redrive"], "<ID|--all>"),
        (
            &["dead-letters", "redrive", unknown, "--all"],
            "cannot be used with",
        ),
        (
            &["dead-letters", "redrive", unknown, "--consumer", "email"],
            "cannot be used with",
        ),
        (
            &["dead-letters", "show", unknown],
            "there is no dead letter dlt_01h455vb4pex5vsknk084sn02q\n",
        ),
        (
            &["dead-letters", "discard", unknown, "--reason", "x"],
            "there is no dead letter dlt_01h455vb4pex5vsknk084sn02q\n",
        ),
        (
            &["dead-letters", "discard", unknown, "--reason", ""],
            "/reason: ",
        ),
        (&["purge"], "--tag <TAG>|--url <URL>|--everything"),
        (&["purge", "--tag", "a b"], "/tags/0: not a surrogate tag. "),
    ] {
        let told = shop.refuses(arguments);
        assert!(told.contains(said), "{arguments:?}: {told}");
    }
    let webhook = "webhook.whk_01h455vb4pex5vsknk084sn02q";
    for fine in [
        &["dead-letters", "list", "--consumer", "email"][..],
        &["dead-letters", "list", "--consumer", webhook],
        &["events", "tail", "--type", "order.created"],
    ] {
        assert_eq!(shop.prints(fine), "", "{fine:?}");
    }
}

#[tokio::test]
async fn a_list_that_ends_before_all_says_so() {
    let shop = Shop::open().await;
    let letters = "insert into dead_letters (id, consumer, event_id, type, schema_version, aggregate_id, payload,
            created_at, attempts, reason, error, history, died_at)
        select gen_random_uuid(), 'email', gen_random_uuid(), 'order.created', 1, gen_random_uuid(), '{}',
            now(), 1, 'tries', 'broken', '[]', now() from generate_series(1, 3)";
    let pool = &shop.app.shop.pool;
    sqlx::query(letters).execute(pool).await.unwrap();
    for (limit, more) in [("2", true), ("3", false)] {
        let list = ["dead-letters", "list", "--json", "--limit", limit];
        let output = at(shop.url(), &list);
        let lines = text(&output.stdout);
        assert_eq!(lines.lines().count().to_string(), limit);
        for line in lines.lines() {
            let letter: Value = serde_json::from_str(line).unwrap();
            assert_eq!(letter["consumer"], "email");
        }
        let told = text(&output.stderr);
        assert_eq!(told.starts_with("there are more"), more, "{told}");
    }
}

#[tokio::test]
async fn an_answer_stands_alone_and_nothing_is_no_line() {
    let shop = Shop::open().await;
    for empty in [
        ["clients", "list"],
        ["api-keys", "list"],
        ["origins", "changes"],
        ["firewall", "changes"],
    ] {
        assert_eq!(shop.prints(&empty), "", "{empty:?}");
    }
    let none: Value = serde_json::from_str(&shop.prints(&["clients", "list", "--json"])).unwrap();
    assert_eq!(none, json!({"clients": []}));
    for one in [
        &["origins", "set", "https://a.example"][..],
        &["origins", "reset"],
        &["firewall", "set", "--deny", "192.0.2.1"],
        &["firewall", "clear"],
    ] {
        assert_eq!(shop.prints(one).lines().count(), 1, "{one:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("one.jsonl");
    std::fs::write(&file, "{\"sku\":7}\n").unwrap();
    let told = shop.refuses(&["seed", "--from", file.to_str().unwrap()]);
    assert!(
        told.starts_with("nothing was imported: 1 fault\n"),
        "{told}"
    );
}
