//! Keys on what admins do: once a key, and a secret that is shown once is shown again to whoever has the
//! key, but stands nowhere in the database.

use serde_json::{Value, json};

use crate::callers::JSON;
use crate::harness::{Answer, Shop};

impl Shop {
    async fn with_key(&self, key: &str, method: &str, path: &str, body: &Value) -> Answer {
        let fields = [JSON, ("idempotency-key", key)];
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.ask(&self.admin, method, path, &fields, &body).await
    }

    /// Sends a request twice, and gives what both were answered.
    async fn twice(&self, key: &str, method: &str, path: &str, body: &Value) -> Answer {
        let first = self.with_key(key, method, path, body).await;
        assert!(
            (200..300).contains(&first.status),
            "{method} {path} {first:?}"
        );
        assert_eq!(first.field("idempotent-replayed"), "false");
        let again = self.with_key(key, method, path, body).await;
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        assert_eq!(again.field("idempotent-replayed"), "true");
        assert_eq!(again.field("location"), first.field("location"));
        assert_eq!(
            again.field("headgate-committed"),
            first.field("headgate-committed"),
            "{method} {path}"
        );
        assert_eq!(first.field("headgate-sealed"), "");
        assert_eq!(again.field("headgate-sealed"), "");
        first
    }
}

fn gold() -> Value {
    json!({"name": "gold", "rate": 600, "per_seconds": 60})
}

fn warehouse() -> Value {
    json!({"name": "Warehouse", "account": "acme", "mode": "test", "plan": "gold",
        "scopes": ["orders:read"]})
}

#[tokio::test]
async fn what_admins_do_happens_once_a_key() {
    let shop = Shop::open().await;
    let plan = shop.twice("plan", "POST", "/admin/plans", &gold()).await;
    let plan_path = plan.field("location").to_owned();
    let changed = json!({"name": "gold", "rate": 60, "per_seconds": 60});
    let changed = shop.twice("change", "PUT", &plan_path, &changed).await;
    assert_eq!(changed.json()["version"], 2);
    let key = shop
        .twice("key", "POST", "/admin/api-keys", &warehouse())
        .await;
    let path = key.field("location").to_owned();
    let rotate = format!("{path}/rotate");
    let next = json!({"overlap_seconds": 60});
    let next = shop.twice("rotate", "POST", &rotate, &next).await;
    for (key, path) in [("r1", path.as_str()), ("r2", next.field("location"))] {
        let gone = shop.twice(key, "DELETE", path, &Value::Null).await;
        assert_eq!(gone.status, 204);
    }
    let gone = shop.twice("drop", "DELETE", &plan_path, &Value::Null).await;
    assert_eq!(gone.status, 204);
    let subject = json!({"subject": "usr_00000000000000000000000077"});
    shop.twice("revoke", "POST", "/admin/revocations", &subject)
        .await;
    let everything = json!({"everything": true});
    let purge = shop.twice("purge", "POST", "/admin/cache/purges", &everything);
    assert_eq!(purge.await.status, 202);
    for (sql, expected) in [
        ("select count(*) from plans", 1),
        ("select count(*) from api_keys", 2),
        ("select count(*) from revocations", 1),
        (
            "select count(*) from outbox where type = 'cache.purge_requested'",
            1,
        ),
    ] {
        assert_eq!(shop.count(sql).await, expected, "{sql}");
    }
    // What is refused leaves its key free.
    let nowhere = warehouse();
    let missing = shop.with_key("free", "POST", "/admin/api-keys", &nowhere);
    assert_eq!(missing.await.status, 400);
    let plan = shop.with_key("free", "POST", "/admin/plans", &gold()).await;
    assert_eq!(plan.status, 201, "{plan:?}");
}

#[tokio::test]
async fn a_secret_is_replayed_and_stands_nowhere() {
    let shop = Shop::open().await;
    let plan = shop.twice("plan", "POST", "/admin/plans", &gold()).await;
    // The edge keeps copies of what is marked so, and of no secret.
    assert_eq!(plan.field("headgate-committed"), "true");
    let hook = json!({"url": "https://example.com/hook", "events": ["order.created"]});
    let mut secrets = Vec::new();
    for (key, path, body, member) in [
        ("key", "/admin/api-keys", warehouse(), "key"),
        ("hook", "/admin/webhooks", hook, "secret"),
    ] {
        let made = shop.twice(key, "POST", path, &body).await;
        assert_eq!(made.field("headgate-committed"), "", "{path}");
        assert_eq!(made.field("cache-control"), "private, no-store");
        secrets.push(made.json()[member].as_str().unwrap().to_owned());
        let rotate = format!("{}/rotate", made.field("location"));
        let next = shop
            .twice(
                &format!("{key}-2"),
                "POST",
                &rotate,
                &json!({"overlap_seconds": 9}),
            )
            .await;
        assert_eq!(next.field("headgate-committed"), "", "{rotate}");
        secrets.push(next.json()[member].as_str().unwrap().to_owned());
    }
    let kept: Vec<Vec<u8>> =
        sqlx::query_scalar("select body from idempotency_keys where body is not null")
            .fetch_all(&shop.app.shop.pool)
            .await
            .unwrap();
    assert_eq!(kept.len(), 5);
    for secret in &secrets {
        assert!(secret.len() > 20, "{secret}");
        let bytes = secret.as_bytes();
        let found = kept
            .iter()
            .any(|body| body.windows(bytes.len()).any(|part| part == bytes));
        assert!(!found, "{secret} is kept as it is");
    }
    // Another request under the key learns nothing.
    let other = json!({"name": "Other", "account": "acme", "mode": "test", "plan": "gold",
        "scopes": ["orders:read"]});
    let reused = shop
        .with_key("key", "POST", "/admin/api-keys", &other)
        .await;
    assert_eq!(reused.code(), "idempotency_key_reused");
}
