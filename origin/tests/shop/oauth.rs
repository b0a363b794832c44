//! Clients that get their own tokens, as RFC 6749 has it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use origin::commands::clients::{Command, run};
use serde_json::{Value, json};
use shared::caller::{Mode, Role};

use crate::callers::JSON;
use crate::harness::{Answer, Shop};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const GRANT: &str = "grant_type=client_credentials";

impl Shop {
    async fn clients(&self, command: Command) -> anyhow::Result<Value> {
        let said = run(&command, &self.app.shop.pool, &self.app.shop.platform).await?;
        Ok(said.document)
    }

    async fn client(&self, role: Role, scope: &[&str]) -> anyhow::Result<Value> {
        let add = Command::Add {
            name: "Acme".into(),
            account: Some("acme".into()),
            role,
            mode: Mode::Test,
            scope: scope.iter().map(|&scope| scope.to_owned()).collect(),
        };
        self.clients(add).await
    }

    async fn token_for(&self, fields: &[(&str, &str)], form: &str) -> Answer {
        self.ask("", "POST", "/oauth/token", fields, form).await
    }
}

fn text<'a>(client: &'a Value, name: &str) -> &'a str {
    client[name].as_str().unwrap()
}

#[tokio::test]
async fn a_client_gets_a_token_and_calls_with_it() {
    let shop = Shop::open().await;
    let client = shop.client(Role::Partner, &[]).await.unwrap();
    let (id, secret) = (text(&client, "client_id"), text(&client, "client_secret"));
    let form = format!("{GRANT}&client_id={id}&client_secret={secret}&scope=orders:read");
    let answer = shop.token_for(&[FORM], &form).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(
        (answer.field("cache-control"), answer.field("pragma")),
        ("no-store", "no-cache")
    );
    let token = answer.json();
    assert_eq!(
        (&token["token_type"], &token["expires_in"], &token["scope"]),
        (&json!("Bearer"), &json!(600), &json!("orders:read"))
    );
    let access = text(&token, "access_token");
    assert_eq!(
        shop.ask(access, "GET", "/orders", &[], "").await.status,
        200
    );
    let beyond = shop
        .ask(
            access,
            "GET",
            "/users/usr_01h455vb4pex5vsknk084sn02q",
            &[],
            "",
        )
        .await;
    assert_eq!(beyond.code(), "scope_missing");

    let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let by_field = shop
        .token_for(&[FORM, ("authorization", basic.as_str())], GRANT)
        .await;
    assert_eq!(by_field.status, 200, "{by_field:?}");
    assert_eq!(by_field.json()["scope"], Role::Partner.scopes().join(" "));
    assert_eq!(
        shop.count("select count(*) from oauth_clients where last_used_at is not null")
            .await,
        1
    );
}

#[tokio::test]
async fn refusals_are_those_of_rfc_6749() {
    let shop = Shop::open().await;
    let client = shop.client(Role::Service, &["orders:read"]).await.unwrap();
    let (id, secret) = (text(&client, "client_id"), text(&client, "client_secret"));
    let own = format!("client_id={id}&client_secret={secret}");
    let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
    for (field, form, status, error) in [
        (
            None,
            format!("{own}&grant_type=password"),
            400,
            "unsupported_grant_type",
        ),
        (None, own.clone(), 400, "invalid_request"),
        (
            None,
            format!("{own}&{GRANT}&scope=admin"),
            400,
            "invalid_scope",
        ),
        (
            None,
            format!("{own}&{GRANT}&{GRANT}"),
            400,
            "invalid_request",
        ),
        (
            None,
            format!("{GRANT}&client_id={id}&client_secret=hgs_wrong"),
            401,
            "invalid_client",
        ),
        (
            None,
            format!("{GRANT}&client_id=acme&client_secret={secret}"),
            401,
            "invalid_client",
        ),
        (None, GRANT.to_owned(), 401, "invalid_client"),
        // Who asks is checked before what is asked for.
        (
            Some(basic(&format!("{id}:x"))),
            "grant_type=password".into(),
            401,
            "invalid_client",
        ),
        (
            Some(basic(&format!("{id}:{secret}"))),
            format!("{GRANT}&{own}"),
            400,
            "invalid_request",
        ),
    ] {
        let mut fields = vec![FORM];
        if let Some(field) = &field {
            fields.push(("authorization", field));
        }
        let answer = shop.token_for(&fields, &form).await;
        assert_eq!(answer.status, status, "{form}: {answer:?}");
        assert_eq!(answer.field("content-type"), "application/json");
        assert_eq!(answer.field("cache-control"), "no-store");
        assert_eq!(
            answer.field("www-authenticate").starts_with("Basic "),
            status == 401
        );
        let body = answer.json();
        assert_eq!(body["error"], error, "{form}");
        assert!(body["error_description"].is_string());
    }
    let json = shop.token_for(&[JSON], "{}").await;
    assert_eq!(
        (json.status, &json.json()["error"]),
        (400, &json!("invalid_request"))
    );
}

#[tokio::test]
async fn clients_are_added_listed_and_revoked() {
    let shop = Shop::open().await;
    let client = shop.client(Role::Partner, &["orders:read"]).await.unwrap();
    let beyond = shop.client(Role::Partner, &["admin"]).await.unwrap_err();
    assert!(
        beyond.to_string().contains("can't carry the scope admin"),
        "{beyond}"
    );
    assert!(shop.client(Role::Admin, &[]).await.is_err());
    let listed = shop.clients(Command::List).await.unwrap();
    let mut shown = client.clone();
    shown.as_object_mut().unwrap().remove("client_secret");
    assert_eq!(listed, json!({"clients": [shown]}));
    let (id, secret) = (text(&client, "client_id"), text(&client, "client_secret"));
    let revoke = Command::Revoke {
        id: id.parse().unwrap(),
    };
    shop.clients(revoke.clone()).await.unwrap();
    assert!(shop.clients(revoke).await.is_err());
    let form = format!("{GRANT}&client_id={id}&client_secret={secret}");
    assert_eq!(
        shop.token_for(&[FORM], &form).await.json()["error"],
        "invalid_client"
    );
}
