//! Requests of whoever the test needs.

use origin::identity::{keys::KeySet, token};
use serde_json::Value;
use shared::caller::{Principal, Role};

use crate::harness::{Answer, Shop, order, principal, request};

/// A merge patch.
pub(crate) const MERGE: (&str, &str) = ("content-type", "application/merge-patch+json");
/// A JSON Patch.
pub(crate) const PATCH: (&str, &str) = ("content-type", "application/json-patch+json");
/// A document.
pub(crate) const JSON: (&str, &str) = ("content-type", "application/json");

/// A request and its refusal: token, method, path, fields, body, status, code.
pub(crate) type Refused<'a> = (
    &'a str,
    &'a str,
    &'a str,
    Vec<(&'a str, &'a str)>,
    &'a str,
    u16,
    &'a str,
);

impl Shop {
    /// A token for somebody, with all that the role brings.
    pub(crate) async fn token(&self, subject: &str, role: Role) -> String {
        self.token_of(&principal(subject, role)).await
    }

    /// A token for a principal.
    pub(crate) async fn token_of(&self, principal: &Principal) -> String {
        let now = self.app.shop.platform.now();
        let keys = KeySet::read(&self.app.shop.pool, now).await.unwrap();
        let grant = token::Grant {
            issuer: "headgate",
            audience: "headgate",
            token_id: "tok_2",
            lifetime_seconds: 3600,
        };
        token::sign(keys.signer(now).unwrap(), &grant, principal, now)
    }

    /// Sends a request with that token, or with none if it is empty.
    pub(crate) async fn ask(
        &self,
        token: &str,
        method: &str,
        path: &str,
        fields: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let bearer = format!("Bearer {token}");
        let mut fields = fields.to_vec();
        if !token.is_empty() {
            fields.push(("authorization", &bearer));
        }
        self.send(request(method, path, &fields, body)).await
    }

    /// A confirmed order of the demo customer's: two units of one product, one of another.
    pub(crate) async fn confirmed(&self, key: &str) -> Value {
        let products = self.plenty().await;
        let new = order(&[(&products[0], 2), (&products[1], 1)], "pm_card_visa");
        let answer = self.order(key, &new).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    }
}

/// Where an order is.
pub(crate) fn path(order: &Value) -> String {
    format!("/orders/{}", order["id"].as_str().unwrap())
}
