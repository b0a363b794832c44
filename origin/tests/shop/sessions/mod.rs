//! Sessions: signing in, exchanging refresh tokens, and what ends them.

mod ends;
mod sign_in;

use serde_json::{Value, json};
use shared::assertion::{Asserted, Provenance};
use shared::caller::Caller;

use crate::callers::JSON;
use crate::harness::{Answer, Shop};

const PASSWORD: &str = "correct horse";

impl Shop {
    /// Registers somebody with [`PASSWORD`] and gives its path.
    async fn register(&self, email: &str) -> String {
        let body = json!({"email": email, "name": "Zoë", "password": PASSWORD}).to_string();
        let answer = self.ask("", "POST", "/users", &[JSON], &body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        format!("/users/{}", answer.json()["id"].as_str().unwrap())
    }

    async fn sign_in(&self, email: &str, password: &str) -> Answer {
        let body = json!({"email": email, "password": password}).to_string();
        self.ask("", "POST", "/sessions", &[JSON], &body).await
    }

    /// Signs in from an address, as the edge would hand it over.
    async fn sign_in_from(&self, address: &str, email: &str, password: &str) -> Answer {
        let body = json!({"email": email, "password": password}).to_string();
        let provenance = Provenance {
            address: Some(address.parse().unwrap()),
            ..Provenance::default()
        };
        let assertion = self.asserted("POST", "/sessions", &provenance);
        let fields = [JSON, ("headgate-assertion", assertion.as_str())];
        self.ask("", "POST", "/sessions", &fields, &body).await
    }

    fn asserted(&self, method: &str, target: &str, provenance: &Provenance) -> String {
        let asserted = Asserted {
            caller: Caller::Anonymous,
            api_version: "v2".into(),
            request_id: "req_of_the_edge".into(),
            prefix: "/v2".into(),
            fingerprint: None,
            position: None,
            converter: None,
        };
        let now = self.app.shop.platform.now().timestamp();
        let keys = self.config.assertion_keys().unwrap();
        keys.sign_with(&asserted, provenance, method, target, now)
            .unwrap()
    }

    async fn refresh(&self, token: &str) -> Answer {
        let body = json!({"refresh_token": token}).to_string();
        self.ask("", "POST", "/sessions/refresh", &[JSON], &body)
            .await
    }

    /// The same, with a key.
    async fn refresh_under(&self, key: &str, token: &str) -> Answer {
        let body = json!({"refresh_token": token}).to_string();
        let fields = [JSON, ("idempotency-key", key)];
        self.ask("", "POST", "/sessions/refresh", &fields, &body)
            .await
    }

    /// A session of somebody who is registered.
    async fn session(&self, email: &str) -> Tokens {
        tokens(&self.sign_in(email, PASSWORD).await)
    }
}

/// What a session has.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Tokens {
    access: String,
    refresh: String,
}

fn tokens(answer: &Answer) -> Tokens {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.field("cache-control"), "private, no-store");
    let body: Value = answer.json();
    assert_eq!(
        (&body["token_type"], &body["expires_in"]),
        (&json!("Bearer"), &json!(600))
    );
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    Tokens {
        access: text("access_token"),
        refresh: text("refresh_token"),
    }
}

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (status, code),
        "{answer:?}"
    );
}
