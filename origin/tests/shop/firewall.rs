//! Who is let in at the edge: set by an admin or an operator, told to the edge, and never so that nobody
//! could take it back.

use clap::Parser;
use origin::commands::firewall::{Command, run};
use serde_json::{Value, json};
use shared::assertion::{Asserted, Provenance};
use shared::caller::{Caller, Role};
use shared::feed::Untrue;
use shared::record;

use crate::callers::JSON;
use crate::harness::{Answer, Shop, principal};

const PATH: &str = "/admin/firewall";

impl Shop {
    async fn set_lists(&self, tag: &str, lists: &Value) -> Answer {
        let fields = [JSON, ("if-match", tag)];
        self.ask(&self.admin, "PUT", PATH, &fields, &lists.to_string())
            .await
    }

    async fn lists(&self) -> Value {
        self.ask(&self.admin, "GET", PATH, &[], "").await.json()
    }

    async fn lists_record(&self) -> Value {
        let answer = self.record(record::FIREWALL_PATH, &record::edge()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// An admin's change, as the edge hands it over.
    async fn set_from(&self, address: &str, country: &str, lists: &Value) -> Answer {
        let asserted = Asserted {
            caller: Caller::Known(principal("usr_00000000000000000000000009", Role::Admin)),
            api_version: "v2".into(),
            request_id: "req_of_the_edge".into(),
            prefix: "/v2".into(),
            fingerprint: None,
            position: None,
            converter: None,
        };
        let provenance = Provenance {
            address: address.parse().ok(),
            country: Some(country.to_owned()),
            session: None,
        };
        let now = self.app.shop.platform.now().timestamp();
        let keys = self.config.assertion_keys().unwrap();
        let signed = keys.sign_with(&asserted, &provenance, "PUT", PATH, now);
        let signed = signed.unwrap();
        let fields = [
            JSON,
            ("if-match", "*"),
            ("headgate-assertion", signed.as_str()),
        ];
        self.ask("", "PUT", PATH, &fields, &lists.to_string()).await
    }
}

#[tokio::test]
async fn lists_are_set_and_taken_back() {
    let shop = Shop::open().await;
    let read = shop.ask(&shop.admin, "GET", PATH, &[], "").await;
    assert_eq!((read.status, read.field("etag")), (200, "\"0\""));
    let unset = json!({"object": "firewall", "in_force": false, "deny": [], "allow": [],
        "deny_countries": [], "allow_countries": [], "version": 0, "updated_at": null,
        "updated_by": null});
    assert_eq!(read.json(), unset);
    assert_eq!(shop.lists_record().await, Value::Null);

    let lists = json!({"deny": ["198.51.100.0/24", "2001:db8::/32"], "deny_countries": ["XX"]});
    let set = shop.set_lists("\"0\"", &lists).await;
    assert_eq!((set.status, set.field("etag")), (200, "\"1\""), "{set:?}");
    let set = set.json();
    assert_eq!(set["in_force"], true);
    assert_eq!(
        (&set["deny"], &set["allow"], &set["deny_countries"]),
        (&lists["deny"], &json!([]), &json!(["XX"]))
    );
    assert!(
        set["updated_by"].as_str().unwrap().starts_with("usr_"),
        "{set}"
    );
    assert!(set["updated_at"].is_string());
    assert_eq!(shop.lists().await, set);
    assert_eq!(shop.lists_record().await, set);
    assert_eq!(
        shop.untrue().await,
        vec![Untrue::Record(record::FIREWALL.to_owned())]
    );

    let gone = shop
        .ask(&shop.admin, "DELETE", PATH, &[("if-match", "\"1\"")], "")
        .await;
    assert_eq!(gone.status, 204, "{gone:?}");
    let read = shop.lists().await;
    assert_eq!(
        (&read["in_force"], &read["version"]),
        (&json!(false), &json!(2))
    );
    assert_eq!(shop.lists_record().await, Value::Null);
    assert_eq!(shop.untrue().await.len(), 2);
    // Who changed what stays.
    let by = "select count(*) from firewall_changes where changed_by like 'usr_%' and in_force";
    assert_eq!(shop.count(by).await, 1);
}

#[tokio::test]
async fn nobody_overwrites_unseen_lists_and_faults_have_pointers() {
    let shop = Shop::open().await;
    let lists = json!({"deny": ["198.51.100.1"]});
    let body = lists.to_string();
    let blind = shop.ask(&shop.admin, "PUT", PATH, &[JSON], &body).await;
    assert_eq!(
        (blind.status, blind.code().as_str()),
        (428, "precondition_required")
    );
    assert_eq!(shop.set_lists("\"0\"", &lists).await.status, 200);
    let stale = shop.set_lists("\"0\"", &json!({})).await;
    assert_eq!((stale.status, stale.field("etag")), (412, "\"1\""));
    let bad = json!({"deny": ["198.51.100.1", "::/129"], "allow_countries": ["ch"]});
    let bad = shop.set_lists("\"1\"", &bad).await;
    assert_eq!(bad.status, 400);
    let faults = bad.json()["errors"].clone();
    assert_eq!(
        (&faults[0]["pointer"], &faults[1]["pointer"]),
        (&json!("/allow_countries/0"), &json!("/deny/1"))
    );
    assert_eq!(shop.lists().await["deny"], lists["deny"]);

    for (token, status) in [("", 401), (shop.customer.as_str(), 403)] {
        for method in ["GET", "PUT", "DELETE"] {
            let answer = shop
                .ask(token, method, PATH, &[JSON, ("if-match", "*")], &body)
                .await;
            assert_eq!(answer.status, status, "{method} {answer:?}");
        }
    }
    let other = shop
        .record(record::FIREWALL_PATH, &principal("usr_x", Role::Admin))
        .await;
    assert_eq!(other.status, 403);
    // Changes come one after the other: of ten that saw the same state, one holds.
    let none = json!({});
    let all = (0..10).map(|_| shop.set_lists("\"1\"", &none));
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
async fn whoever_sends_lists_can_send_others_after_them() {
    let shop = Shop::open().await;
    for (lists, refused) in [
        (json!({"deny": ["192.0.2.0/24"]}), true),
        (json!({"allow": ["198.51.100.0/24"]}), true),
        (json!({"deny_countries": ["CH"]}), true),
        (json!({"allow_countries": ["DE"]}), true),
        (json!({"deny": ["0.0.0.0/1", "128.0.0.0/1"]}), true),
        (json!({"deny": ["192.0.2.0/24"], "force": true}), false),
        (
            json!({"allow": ["192.0.2.0/24"], "allow_countries": ["CH", "DE"]}),
            false,
        ),
    ] {
        let before = shop.lists().await;
        let answer = shop.set_from("192.0.2.7", "CH", &lists).await;
        if refused {
            assert_eq!(answer.status, 409, "{lists} {answer:?}");
            assert_eq!(answer.code(), "firewall_locks_out", "{lists}");
            assert_eq!(shop.lists().await, before, "{lists}");
        } else {
            assert_eq!(answer.status, 200, "{lists} {answer:?}");
        }
    }
    assert_eq!(
        shop.count("select count(*) from firewall_changes where forced")
            .await,
        1
    );
}

#[tokio::test]
async fn a_key_sets_lists_once() {
    let shop = Shop::open().await;
    let lists = json!({"deny": ["198.51.100.1"]}).to_string();
    let fields = [JSON, ("if-match", "\"0\""), ("idempotency-key", "f")];
    let first = shop.ask(&shop.admin, "PUT", PATH, &fields, &lists).await;
    let again = shop.ask(&shop.admin, "PUT", PATH, &fields, &lists).await;
    assert_eq!((first.status, &first.body), (200, &again.body), "{again:?}");
    assert_eq!(again.field("idempotent-replayed"), "true");
    assert_eq!(shop.lists().await["version"], 1);
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
        let words = std::iter::once("firewall").chain(arguments.split(' '));
        let Cli { command } = Cli::try_parse_from(words).unwrap();
        run(&command, &shop.app.shop.pool, &shop.app.shop.platform).await
    };
    let shown = command("show").await.unwrap();
    assert!(shown.text.contains("never set"), "{}", shown.text);
    let set = command("set --deny 198.51.100.0/24 --deny ::1 --deny-country XX").await;
    let set = set.unwrap();
    assert_eq!(set.document["deny"], json!(["198.51.100.0/24", "::1"]));
    assert_eq!(set.document["updated_by"], "operator");
    assert!(
        set.text
            .ends_with("deny 198.51.100.0/24 ::1; deny countries XX"),
        "{}",
        set.text
    );
    for (arguments, told) in [
        ("set --deny 198.51.100.0/33", "/deny/0"),
        ("set --deny 0.0.0.0/0", "--force"),
        ("set --file /nowhere/lists.json", "can't be read"),
    ] {
        let error = command(arguments).await.unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
    let forced = command("set --deny 0.0.0.0/0 --force").await.unwrap();
    assert_eq!(forced.document["version"], 2);
    let cleared = command("clear").await.unwrap();
    assert_eq!(cleared.document["in_force"], false);
    let changes = command("changes").await.unwrap().document;
    let versions: Vec<_> = changes["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["version"].clone())
        .collect();
    assert_eq!(versions, [json!(3), json!(2), json!(1)]);
    assert_eq!(shop.untrue().await.len(), 3);
}
