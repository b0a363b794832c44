//! Where the edge sends requests: set by an admin or an operator, told to the edge, and kept with who set it.

use clap::Parser;
use origin::commands::origins::{Command, run};
use serde_json::{Value, json};
use shared::caller::Role;
use shared::feed::Untrue;
use shared::record;

use crate::callers::JSON;
use crate::harness::{Answer, Shop, principal};

const PATH: &str = "/admin/origins";

impl Shop {
    async fn set_origins(&self, tag: &str, lists: &Value) -> Answer {
        let fields = [JSON, ("if-match", tag)];
        self.ask(&self.admin, "PUT", PATH, &fields, &lists.to_string())
            .await
    }

    async fn origins(&self) -> Value {
        self.ask(&self.admin, "GET", PATH, &[], "").await.json()
    }

    async fn origins_record(&self) -> Value {
        let answer = self.record(record::ORIGINS_PATH, &record::edge()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }
}

#[tokio::test]
async fn origins_are_set_and_taken_back() {
    let shop = Shop::open().await;
    let read = shop.ask(&shop.admin, "GET", PATH, &[], "").await;
    assert_eq!((read.status, read.field("etag")), (200, "\"0\""));
    let unset = json!({"object": "origins", "in_force": false, "pools": {}, "version": 0,
        "updated_at": null, "updated_by": null});
    assert_eq!(read.json(), unset);
    assert_eq!(shop.origins_record().await, Value::Null);

    let lists = json!({"pools": {
        "default": [{"url": "https://b.example"}, {"url": "http://10.0.0.7:8080", "weight": 0}],
        "reports": [{"url": "https://c.example:8443", "weight": 1000}],
    }});
    let set = shop.set_origins("\"0\"", &lists).await;
    assert_eq!((set.status, set.field("etag")), (200, "\"1\""), "{set:?}");
    let set = set.json();
    assert_eq!(set["in_force"], true);
    // A weight that is left out is told.
    let mut pools = lists["pools"].clone();
    pools["default"][0]["weight"] = 1.into();
    assert_eq!(set["pools"], pools);
    let by = set["updated_by"].as_str().unwrap();
    assert!(by.starts_with("usr_"), "{set}");
    assert!(set["updated_at"].is_string());
    assert_eq!(shop.origins().await, set);
    assert_eq!(shop.origins_record().await, set);
    let told = Untrue::Record(record::ORIGINS.to_owned());
    assert_eq!(shop.untrue().await, vec![told.clone()]);

    let gone = shop
        .ask(&shop.admin, "DELETE", PATH, &[("if-match", "\"1\"")], "")
        .await;
    assert_eq!(gone.status, 204, "{gone:?}");
    let read = shop.origins().await;
    assert_eq!(
        (&read["in_force"], &read["pools"], &read["version"]),
        (&json!(false), &json!({}), &json!(2))
    );
    assert_eq!(shop.origins_record().await, Value::Null);
    assert_eq!(shop.untrue().await.len(), 2);
    // Who changed what stays.
    let by = "select count(*) from origins_changes
              where changed_by like 'usr_%' and in_force and pools->'reports' is not null";
    assert_eq!(shop.count(by).await, 1);
}

#[tokio::test]
async fn nobody_overwrites_unseen_origins_and_faults_have_pointers() {
    let shop = Shop::open().await;
    let lists = json!({"pools": {"default": [{"url": "https://b.example"}]}});
    let body = lists.to_string();
    let blind = shop.ask(&shop.admin, "PUT", PATH, &[JSON], &body).await;
    assert_eq!(
        (blind.status, blind.code().as_str()),
        (428, "precondition_required")
    );
    assert_eq!(shop.set_origins("\"0\"", &lists).await.status, 200);
    let stale = shop.set_origins("\"0\"", &lists).await;
    assert_eq!((stale.status, stale.field("etag")), (412, "\"1\""));
    for (pools, pointers) in [
        (json!({}), &["/pools"][..]),
        (json!({"default": []}), &["/pools/default"]),
        (
            json!({"default": [{"url": "http://b.example"}, {"url": "https://b.example/v2"},
                {"url": "https://ada:secret@b.example"}, {"url": "https://b.example", "weight": 1001}]}),
            &[
                "/pools/default/0/url",
                "/pools/default/1/url",
                "/pools/default/2/url",
                "/pools/default/3/weight",
            ],
        ),
        (
            json!({"default": [{"url": "https://b.example", "share": 2}]}),
            &["/pools/default/0/share"],
        ),
    ] {
        let bad = json!({"pools": pools});
        let answer = shop.set_origins("\"1\"", &bad).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "body_invalid"),
            "{bad}"
        );
        let told = answer.json()["errors"].clone();
        let told: Vec<_> = told
            .as_array()
            .unwrap()
            .iter()
            .map(|fault| fault["pointer"].as_str().unwrap())
            .collect();
        assert_eq!(told, pointers, "{bad}");
    }
    assert_eq!(shop.origins().await["version"], 1);

    for (token, status) in [("", 401), (shop.customer.as_str(), 403)] {
        for method in ["GET", "PUT", "DELETE"] {
            let answer = shop
                .ask(token, method, PATH, &[JSON, ("if-match", "*")], &body)
                .await;
            assert_eq!(answer.status, status, "{method} {answer:?}");
        }
    }
    let other = shop
        .record(record::ORIGINS_PATH, &principal("usr_x", Role::Admin))
        .await;
    assert_eq!(other.status, 403);
    // Changes come one after the other: of ten that saw the same state, one holds.
    let all = (0..10).map(|_| shop.set_origins("\"1\"", &lists));
    let statuses: Vec<_> = futures_util::future::join_all(all)
        .await
        .into_iter()
        .map(|answer| answer.status)
        .collect();
    let fine = statuses.iter().filter(|status| **status == 200).count();
    let stale = statuses.iter().filter(|status| **status == 412).count();
    assert_eq!((fine, stale), (1, 9), "{statuses:?}");
}

#[tokio::test]
async fn a_key_sets_origins_once() {
    let shop = Shop::open().await;
    let lists = json!({"pools": {"default": [{"url": "https://b.example"}]}}).to_string();
    let fields = [JSON, ("if-match", "\"0\""), ("idempotency-key", "o")];
    let first = shop.ask(&shop.admin, "PUT", PATH, &fields, &lists).await;
    let again = shop.ask(&shop.admin, "PUT", PATH, &fields, &lists).await;
    assert_eq!((first.status, &first.body), (200, &again.body), "{again:?}");
    assert_eq!(again.field("idempotent-replayed"), "true");
    assert_eq!(shop.origins().await["version"], 1);
}

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[tokio::test]
async fn an_operator_sets_them_from_a_shell() {
    let shop = Shop::open().await;
    let command = async |arguments: &str| {
        let words = std::iter::once("origins").chain(arguments.split(' '));
        let Cli { command } = Cli::try_parse_from(words).unwrap();
        run(&command, &shop.app.shop.pool, &shop.app.shop.platform).await
    };
    let shown = command("list").await.unwrap();
    assert!(shown.text.contains("never set"), "{}", shown.text);
    command("set https://a.example https://b.example*3")
        .await
        .unwrap();
    // Other pools stay as they are.
    let set = command("set --pool reports http://10.0.0.7:8080*0 https://c.example").await;
    let set = set.unwrap();
    assert_eq!(set.document["updated_by"], "operator");
    assert!(
        set.text.ends_with(
            ": default https://a.example https://b.example*3; reports http://10.0.0.7:8080*0 https://c.example"
        ),
        "{}",
        set.text
    );
    for (arguments, told) in [
        ("set http://a.example", "/pools/default/0/url"),
        ("set https://a.example*x", "a weight"),
        ("set https://a.example*0", "/pools/default"),
        ("set --pool a/b https://a.example", "/pools/a~1b"),
        ("set --file /nowhere/lists.json", "can't be read"),
    ] {
        let error = command(arguments).await.unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
    assert!(Cli::try_parse_from(["origins", "set"]).is_err());
    let reset = command("reset").await.unwrap();
    assert_eq!(reset.document["in_force"], false);
    // What was taken back is not what another pool's list stays with.
    let set = command("set --pool reports https://c.example").await;
    assert_eq!(set.unwrap().document["pools"].as_object().unwrap().len(), 1);
    let changes = command("changes").await.unwrap().document;
    let versions: Vec<_> = changes["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["version"].clone())
        .collect();
    assert_eq!(versions, [json!(4), json!(3), json!(2), json!(1)]);
    assert_eq!(shop.untrue().await.len(), 4);
}
