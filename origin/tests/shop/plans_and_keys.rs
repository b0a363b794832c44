//! Plans, the API keys on them, and the records that the edge reads of both.

use origin::commands::api_keys::{Command, run};
use origin::events::untrue;
use serde_json::{Value, json};
use shared::api_key::ApiKey;
use shared::assertion::Asserted;
use shared::caller::{Caller, Principal, Role};
use shared::event::{Event, EventType};
use shared::feed::Untrue;
use shared::id::EventId;
use shared::record::{self, KeyRecord};
use uuid::Uuid;

use crate::callers::JSON;
use crate::harness::{Answer, Shop, principal};

impl Shop {
    pub(crate) async fn admin(&self, method: &str, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.ask(&self.admin, method, path, &[JSON], &body).await
    }

    pub(crate) async fn plan(&self, name: &str) -> Value {
        let new = json!({"name": name, "rate": 600, "per_seconds": 60, "burst": 100,
            "quota": {"limit": 100_000, "period": "MONTH"}, "concurrency": 20,
            "stages": {"dev": {"rate": 10, "per_seconds": 1}}});
        let made = self.admin("POST", "/admin/plans", &new).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.json()
    }

    pub(crate) async fn key_on(&self, plan: &str) -> Value {
        let new = json!({"name": "Warehouse", "account": "acme", "mode": "test", "plan": plan,
            "scopes": ["orders:read"]});
        let made = self.admin("POST", "/admin/api-keys", &new).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.json()
    }

    /// A record, as the edge asks for it.
    pub(crate) async fn record(&self, path: &str, caller: &Principal) -> Answer {
        let asserted = Asserted {
            caller: Caller::Known(caller.clone()),
            api_version: "v2".into(),
            request_id: "req_of_the_edge".into(),
            prefix: String::new(),
            fingerprint: None,
            position: None,
            converter: None,
        };
        let now = self.app.shop.platform.now().timestamp();
        let keys = self.config.assertion_keys().unwrap();
        let assertion = keys.sign(&asserted, "GET", path, now).unwrap();
        self.get(path, &[("headgate-assertion", &assertion)]).await
    }

    pub(crate) async fn key_record(&self, key: &str) -> KeyRecord {
        let hash = key.parse::<ApiKey>().unwrap().hash();
        let answer = self.record(&record::key_path(hash), &record::edge()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.field("cache-control"), "private, no-store");
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// What the outbox makes untrue at the edge, in its order.
    pub(crate) async fn untrue(&self) -> Vec<Untrue> {
        let rows: Vec<(Uuid, String, Uuid, Value)> =
            sqlx::query_as("select id, type, aggregate_id, payload from outbox order by seq")
                .fetch_all(&self.app.shop.pool)
                .await
                .unwrap();
        rows.into_iter()
            .flat_map(|(id, kind, aggregate, data)| {
                let event = Event {
                    id: EventId::from_uuid(id),
                    kind: EventType::parse(&kind).unwrap(),
                    schema_version: 1,
                    aggregate_id: String::new(),
                    data,
                    created_at: String::new(),
                };
                untrue::of(&event, aggregate)
            })
            .collect()
    }
}

pub(crate) fn at(kind: &str, resource: &Value) -> String {
    format!("/admin/{kind}/{}", resource["id"].as_str().unwrap())
}

pub(crate) fn text<'a>(resource: &'a Value, name: &str) -> &'a str {
    resource[name].as_str().unwrap()
}

#[tokio::test]
async fn a_plan_lives() {
    let shop = Shop::open().await;
    let plan = shop.plan("gold").await;
    let path = at("plans", &plan);
    let expected = json!({"object": "plan", "name": "gold", "rate": 600, "per_seconds": 60,
        "burst": 100, "quota": {"limit": 100_000, "period": "MONTH"}, "concurrency": 20,
        "stages": {"dev": {"rate": 10, "per_seconds": 1, "concurrency": null}, "prod": null},
        "version": 1});
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(plan[name], *value, "{name}");
    }
    let read = shop.admin("GET", &path, &Value::Null).await;
    assert_eq!((read.json(), read.field("etag")), (plan.clone(), "\"1\""));
    let new = json!({"name": "gold", "rate": 5, "per_seconds": 1});
    let stale = shop
        .ask(
            &shop.admin,
            "PUT",
            &path,
            &[JSON, ("if-match", "\"7\"")],
            &new.to_string(),
        )
        .await;
    assert_eq!(stale.code(), "precondition_failed");
    let changed = shop.admin("PUT", &path, &new).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let changed = changed.json();
    assert_eq!(
        (&changed["burst"], &changed["quota"], &changed["version"]),
        (&json!(5), &Value::Null, &json!(2))
    );
    let record_path = record::plan_path(text(&plan, "id").parse().unwrap());
    let record = shop.record(&record_path, &record::edge()).await;
    assert_eq!(record.json(), changed);

    let other = shop.plan("silver").await;
    let taken = shop.admin("PUT", &at("plans", &other), &new).await;
    assert_eq!((taken.status, taken.code().as_str()), (409, "name_taken"));
    let taken = shop.admin("POST", "/admin/plans", &new).await;
    assert_eq!(taken.code(), "name_taken");
    assert_eq!(taken.json()["errors"][0]["pointer"], "/name");

    let key = shop.key_on("gold").await;
    let used = shop.admin("DELETE", &path, &Value::Null).await;
    assert_eq!((used.status, used.code().as_str()), (409, "plan_in_use"));
    let revoked = shop
        .admin("DELETE", &at("api-keys", &key), &Value::Null)
        .await;
    assert_eq!(revoked.status, 204, "{revoked:?}");
    assert_eq!(shop.admin("DELETE", &path, &Value::Null).await.status, 204);
    for method in ["DELETE", "GET"] {
        assert_eq!(shop.admin(method, &path, &Value::Null).await.status, 404);
    }
    assert_eq!(shop.record(&record_path, &record::edge()).await.status, 404);
    // Its name is free again.
    shop.plan("gold").await;
    let name = Untrue::Record(format!("plan:{}", text(&plan, "id")));
    let told = shop.untrue().await;
    assert_eq!((&told[0], &told[2], told.len()), (&name, &name, 3));
}

#[tokio::test]
async fn a_key_is_shown_once_and_kept_as_its_hash() {
    let shop = Shop::open().await;
    let plan = shop.plan("gold").await;
    let new = json!({"name": "Warehouse", "account": "acme", "mode": "test", "plan": "gold",
        "scopes": ["orders:read"]});
    let made = shop.admin("POST", "/admin/api-keys", &new).await;
    assert_eq!(
        (made.status, made.field("cache-control")),
        (201, "private, no-store")
    );
    let key = made.json();
    let path = at("api-keys", &key);
    assert_eq!(made.field("location"), path);
    let parsed: ApiKey = text(&key, "key").parse().unwrap();
    assert_eq!(text(&key, "hint"), parsed.hint());
    assert_eq!(key["plan"], plan["id"]);
    let mut shown = key.clone();
    shown.as_object_mut().unwrap().remove("key");
    let read = shop.admin("GET", &path, &Value::Null).await;
    assert_eq!(read.json(), shown);
    let listed = shop.admin("GET", "/admin/api-keys", &Value::Null).await;
    assert_eq!(listed.json()["data"], json!([shown]));
    let kept: Vec<u8> = sqlx::query_scalar("select hash from api_keys")
        .fetch_one(&shop.app.shop.pool)
        .await
        .unwrap();
    assert_eq!(kept, parsed.hash().0);

    let record = shop.key_record(text(&key, "key")).await;
    assert_eq!(
        record,
        KeyRecord {
            id: text(&key, "id").parse().unwrap(),
            account: "acme".into(),
            role: Role::Partner,
            mode: shared::caller::Mode::Test,
            plan: text(&plan, "id").parse().unwrap(),
            scopes: vec!["orders:read".into()],
            expires_at: None,
            revoked: false,
        }
    );
    let unknown = record::key_path(shared::api_key::KeyHash([7; 32]));
    assert_eq!(shop.record(&unknown, &record::edge()).await.status, 404);
    assert_eq!(
        shop.record("/records/keys/x", &record::edge()).await.status,
        404
    );
}

#[tokio::test]
async fn a_rotated_key_holds_for_the_overlap_and_a_revoked_one_no_more() {
    let shop = Shop::open().await;
    shop.plan("gold").await;
    let first = shop.key_on("gold").await;
    let path = at("api-keys", &first);
    let rotate = format!("{path}/rotate");
    let answer = shop
        .admin("POST", &rotate, &json!({"overlap_seconds": 100}))
        .await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let second = answer.json();
    assert_eq!(answer.field("location"), at("api-keys", &second));
    for same in ["name", "account", "mode", "plan", "scopes"] {
        assert_eq!(first[same], second[same], "{same}");
    }
    assert_ne!(first["key"], second["key"]);
    let old = shop.admin("GET", &path, &Value::Null).await.json();
    assert_eq!(old["successor"], second["id"]);
    let now = shop.app.shop.platform.now().timestamp();
    let record = shop.key_record(text(&first, "key")).await;
    assert_eq!(record.expires_at, Some(now + 100));
    assert!(record.principal(now + 99).is_some() && record.principal(now + 100).is_none());
    // Rotated once more, it does not live the longer for it.
    let answer = shop
        .admin("POST", &rotate, &json!({"overlap_seconds": 604_800}))
        .await;
    assert_eq!(answer.status, 201);
    assert_eq!(
        shop.key_record(text(&first, "key")).await.expires_at,
        Some(now + 100)
    );
    shop.clock.advance_ms(100_000);
    for (method, path) in [("POST", &rotate), ("DELETE", &path)] {
        let late = shop
            .admin(method, path, &json!({"overlap_seconds": 0}))
            .await;
        assert_eq!(late.status, 404, "{method}: {late:?}");
    }
    let path = at("api-keys", &second);
    assert_eq!(shop.admin("DELETE", &path, &Value::Null).await.status, 204);
    assert_eq!(shop.admin("DELETE", &path, &Value::Null).await.status, 404);
    assert!(shop.key_record(text(&second, "key")).await.revoked);
    let name = |key: &Value| {
        let key: ApiKey = text(key, "key").parse().unwrap();
        Untrue::Record(record::key_name(key.hash()))
    };
    assert_eq!(
        shop.untrue().await,
        [name(&first), name(&first), name(&second)]
    );
}

const KEY: &str =
    r#"{"name":"A","account":"acme","mode":"live","plan":"gold","scopes":["orders:read"]}"#;

/// Who asks, how, for what, with which JSON (or none), and the refusal.
#[rustfmt::skip]
const REFUSED: [(&str, &str, &str, &str, u16, &str); 14] = [
    ("nobody", "GET", "/admin/plans", "", 401, "token_missing"),
    ("customer", "GET", "/admin/plans", "", 403, "scope_missing"),
    ("support", "POST", "/admin/plans", "{}", 403, "scope_missing"),
    ("customer", "POST", "/admin/api-keys", KEY, 403, "scope_missing"),
    ("service", "GET", "/admin/api-keys", "", 403, "scope_missing"),
    ("customer", "POST", "/admin/revocations", "{}", 403, "scope_missing"),
    ("customer", "GET", "/admin/revocations", "", 403, "scope_missing"),
    ("admin", "POST", "/admin/plans", "{}", 400, "body_invalid"),
    ("admin", "POST", "/admin/plans", "", 415, "media_type_unsupported"),
    ("admin", "GET", "/admin/plans/x", "", 404, "not_found"),
    ("admin", "GET", "/admin/plans?limit=0", "", 400, "request_invalid"),
    ("admin", "GET", "/admin/api-keys?cursor=x", "", 400, "cursor_invalid"),
    ("admin", "GET", "/admin/api-keys/x", "", 404, "not_found"),
    ("admin", "DELETE", "/admin/api-keys/x", "", 404, "not_found"),
];

#[tokio::test]
async fn what_is_not_as_it_must_be_is_refused() {
    let shop = Shop::open().await;
    shop.plan("gold").await;
    let support = shop.token("usr_s", Role::Support).await;
    let service = shop.token("svc", Role::Service).await;
    for (who, method, path, body, status, code) in REFUSED {
        let token = match who {
            "customer" => &shop.customer,
            "support" => &support,
            "service" => &service,
            "admin" => &shop.admin,
            _ => "",
        };
        let fields: &[_] = if body.is_empty() { &[] } else { &[JSON] };
        let answer = shop.ask(token, method, path, fields, body).await;
        let found = (answer.status, answer.code());
        assert_eq!(found, (status, code.to_owned()), "{who}: {method} {path}");
    }
    let lost = KEY.replace("gold", "lost");
    let answer = shop
        .ask(&shop.admin, "POST", "/admin/api-keys", &[JSON], &lost)
        .await;
    assert_eq!(
        (answer.status, &answer.json()["errors"][0]["pointer"]),
        (400, &json!("/plan"))
    );
    let made = shop.key_on("gold").await;
    let rotate = format!("{}/rotate", at("api-keys", &made));
    for overlap in ["-1", "604801", "\"1\"", "null"] {
        let body = format!("{{\"overlap_seconds\":{overlap}}}");
        let answer = shop.ask(&shop.admin, "POST", &rotate, &[JSON], &body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "body_invalid"),
            "{overlap}"
        );
    }
}

#[tokio::test]
async fn nobody_but_the_edge_reads_records() {
    let shop = Shop::open().await;
    shop.plan("gold").await;
    let key = shop.key_on("gold").await;
    let hash = text(&key, "key").parse::<ApiKey>().unwrap().hash();
    let path = record::key_path(hash);
    assert_eq!(shop.get(&path, &[]).await.status, 401);
    for role in Role::ALL {
        let someone = principal("usr_x", role);
        assert_eq!(
            shop.record(&path, &someone).await.code(),
            "scope_missing",
            "{role}"
        );
        // A token that claims the scope does not carry it: no role brings it.
        let mut greedy = someone;
        greedy.scopes.push(record::SCOPE.to_owned());
        let token = origin::identity::issue::access_token(&shop.app.shop, &greedy, None);
        let token = token.await.unwrap();
        let answer = shop.ask(&token, "GET", &path, &[], "").await;
        assert_eq!(answer.code(), "scope_missing", "{role}");
    }
    assert_eq!(shop.record(&path, &record::edge()).await.status, 200);
}

#[tokio::test]
async fn lists_are_paged() {
    let shop = Shop::open().await;
    for number in 0..5 {
        shop.plan(&format!("plan {number}")).await;
        shop.clock.advance_ms(1);
    }
    let mut names = Vec::new();
    let mut path = "/admin/plans?limit=2".to_owned();
    loop {
        let page = shop.admin("GET", &path, &Value::Null).await;
        assert_eq!(page.status, 200, "{page:?}");
        let page = page.json();
        let rows = page["data"].as_array().unwrap().iter();
        names.extend(rows.map(|plan| text(plan, "name").to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/admin/plans?limit=2&cursor={cursor}");
    }
    assert_eq!(names, ["plan 4", "plan 3", "plan 2", "plan 1", "plan 0"]);
}

#[tokio::test]
async fn an_operator_manages_keys_from_a_shell() {
    let shop = Shop::open().await;
    shop.plan("gold").await;
    let (pool, platform) = (&shop.app.shop.pool, &shop.app.shop.platform);
    let create = |plan: &str, scope: &[&str]| Command::Create {
        name: "Warehouse".into(),
        account: "acme".into(),
        mode: shared::caller::Mode::Live,
        plan: plan.into(),
        scope: scope.iter().map(|&scope| scope.to_owned()).collect(),
    };
    let made = run(&create("gold", &[]), pool, platform).await.unwrap();
    let key = text(&made.document, "key").to_owned();
    assert!(key.starts_with("hg_live_") && made.text.contains(&key));
    for (plan, scope, said) in [
        ("lost", "orders:read", "/plan: there is no such plan"),
        ("gold", "admin", "can't carry the scope admin"),
    ] {
        let refused = run(&create(plan, &[scope]), pool, platform)
            .await
            .unwrap_err();
        assert!(refused.to_string().contains(said), "{refused}");
    }
    let id = text(&made.document, "id").parse().unwrap();
    let rotate = Command::Rotate {
        id,
        overlap_seconds: 60,
    };
    let second = run(&rotate, pool, platform).await.unwrap().document;
    let id = text(&second, "id").parse().unwrap();
    run(&Command::Revoke { id }, pool, platform).await.unwrap();
    let again = run(&Command::Revoke { id }, pool, platform)
        .await
        .unwrap_err();
    assert!(again.to_string().contains("ended already"), "{again}");
    let listed = run(&Command::List, pool, platform).await.unwrap();
    assert_eq!(listed.document["api_keys"].as_array().unwrap().len(), 2);
    assert!(
        !listed.text.contains(&key) && listed.text.contains(" revoked "),
        "{}",
        listed.text
    );
}
