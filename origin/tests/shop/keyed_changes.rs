//! Keys on changes that need none: the row commits with the change and its answer, or not at all.

use serde_json::{Value, json};

use crate::callers::{JSON, MERGE, path};
use crate::harness::{Answer, Shop};

/// Method, path, fields, body, and the status of its answer.
type Call<'a> = (&'a str, &'a str, Vec<(&'a str, &'a str)>, &'a str, u16);

impl Shop {
    async fn keyed(
        &self,
        key: &str,
        method: &str,
        path: &str,
        more: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut fields = more.to_vec();
        fields.push(("idempotency-key", key));
        self.ask(&self.admin, method, path, &fields, body).await
    }

    async fn kept_keys(&self) -> i64 {
        self.count("select count(*) from idempotency_keys").await
    }
}

fn product(sku: &str) -> Value {
    json!({"sku": sku, "name": "Mug", "description": "", "category": "kitchen",
        "price": {"amount": 900, "currency": "USD"}, "active": true, "stock": 5})
}

#[tokio::test]
async fn a_change_happens_once_a_key_and_is_replayed_byte_for_byte() {
    let shop = Shop::open().await;
    let new = product("KEYED-1").to_string();
    let first = shop.keyed("a", "POST", "/products", &[JSON], &new).await;
    assert_eq!(first.status, 201, "{first:?}");
    assert_eq!(first.field("idempotent-replayed"), "false");
    assert_eq!(first.field("headgate-committed"), "true");
    let again = shop.keyed("a", "POST", "/products", &[JSON], &new).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.field("idempotent-replayed"), "true");
    for name in ["content-type", "location", "etag"] {
        assert_eq!(again.field(name), first.field(name), "{name}");
        assert_ne!(first.field(name), "", "{name}");
    }
    assert_eq!(
        again.field("original-request-id"),
        first.field("x-request-id")
    );
    let other = product("KEYED-2").to_string();
    let reused = shop.keyed("a", "POST", "/products", &[JSON], &other).await;
    assert_eq!(
        (reused.status, reused.code().as_str()),
        (422, "idempotency_key_reused")
    );
    assert_eq!(reused.json()["differing"], json!(["body"]));

    // A deletion that is repeated is not 404, and a patch is not 412, although the tag has changed.
    let at = first.field("location").to_owned();
    let tag = ("if-match", first.field("etag"));
    let patched = shop
        .keyed("b", "PATCH", &at, &[MERGE, tag], r#"{"name":"Cup"}"#)
        .await;
    assert_eq!(patched.status, 200, "{patched:?}");
    let repeated = shop
        .keyed("b", "PATCH", &at, &[MERGE, tag], r#"{"name":"Cup"}"#)
        .await;
    assert_eq!((repeated.status, &repeated.body), (200, &patched.body));
    let tag = ("if-match", patched.field("etag"));
    for _ in 0..2 {
        let deleted = shop.keyed("c", "DELETE", &at, &[tag], "").await;
        assert_eq!(
            (deleted.status, deleted.body.len()),
            (204, 0),
            "{deleted:?}"
        );
    }
    let told = "select count(*) from outbox where type like 'product.%'";
    assert_eq!((shop.count(told).await, shop.kept_keys().await), (3, 3));
}

#[tokio::test]
async fn a_refused_change_leaves_its_key_free() {
    let shop = Shop::open().await;
    let new = product("KEYED-1").to_string();
    assert_eq!(
        shop.keyed("a", "POST", "/products", &[JSON], &new)
            .await
            .status,
        201
    );
    for (fields, body, status, code) in [
        (vec![JSON], new.as_str(), 409, "sku_taken"),
        (vec![JSON], "{}", 400, "body_invalid"),
        (vec![], new.as_str(), 415, "media_type_unsupported"),
    ] {
        let refused = shop.keyed("b", "POST", "/products", &fields, body).await;
        assert_eq!((refused.status, refused.code().as_str()), (status, code));
        assert_eq!(refused.json()["outcome"], "not_applied");
        assert_eq!(refused.field("headgate-committed"), "");
    }
    assert_eq!(shop.kept_keys().await, 1);
    let other = product("KEYED-2").to_string();
    assert_eq!(
        shop.keyed("b", "POST", "/products", &[JSON], &other)
            .await
            .status,
        201
    );
    let malformed = shop.keyed("", "POST", "/products", &[JSON], &other).await;
    assert_eq!(malformed.code(), "idempotency_key_invalid");
}

#[tokio::test]
async fn a_change_that_does_not_commit_takes_its_key_along() {
    let shop = Shop::open().await;
    // The event can't be written, so nothing of the change may stay.
    sqlx::query("alter table outbox rename to mislaid")
        .execute(&shop.app.shop.pool)
        .await
        .unwrap();
    let new = product("KEYED-1").to_string();
    let failed = shop.keyed("a", "POST", "/products", &[JSON], &new).await;
    assert_eq!(failed.status, 500);
    assert_eq!(shop.kept_keys().await, 0);
    // Nor may the change stay without its answer.
    sqlx::raw_sql(
        "alter table mislaid rename to outbox;
         alter table idempotency_keys add constraint unanswerable check (status is null)",
    )
    .execute(&shop.app.shop.pool)
    .await
    .unwrap();
    let failed = shop.keyed("a", "POST", "/products", &[JSON], &new).await;
    assert_eq!(failed.status, 500);
    let made = "select count(*) from products where sku = 'KEYED-1'";
    assert_eq!((shop.kept_keys().await, shop.count(made).await), (0, 0));
}

#[tokio::test]
async fn one_key_sent_many_times_at_once_changes_once() {
    let shop = Shop::open().await;
    let new = product("KEYED-1").to_string();
    let tries = (0..6).map(|_| shop.keyed("a", "POST", "/products", &[JSON], &new));
    let answers = futures_util::future::join_all(tries).await;
    for answer in &answers {
        assert_eq!(
            (answer.status, &answer.body),
            (201, &answers[0].body),
            "{answer:?}"
        );
    }
    let firsts = answers
        .iter()
        .filter(|answer| answer.field("idempotent-replayed") == "false");
    assert_eq!(firsts.count(), 1);
}

#[tokio::test]
async fn orders_and_people_take_keys_too() {
    let shop = Shop::open().await;
    let order = shop.confirmed("k").await;
    let user = format!("/users/{}", origin::seed::customer());
    let seen = shop.ask(&shop.customer, "GET", &user, &[], "").await;
    let order_tag = format!("\"{}\"", order["version"]);
    let status = format!("{}/status", path(&order));
    let methods = format!("{user}/payment-methods");
    let calls: [Call<'_>; 4] = [
        (
            "PATCH",
            &path(&order),
            vec![MERGE, ("if-match", &order_tag)],
            r#"{"note":"ring"}"#,
            200,
        ),
        ("PUT", &status, vec![JSON], r#"{"status":"cancelled"}"#, 200),
        (
            "PATCH",
            &user,
            vec![MERGE, ("if-match", seen.field("etag"))],
            r#"{"name":"Ada"}"#,
            200,
        ),
        (
            "POST",
            &methods,
            vec![JSON],
            r#"{"method":"pm_card_visa"}"#,
            201,
        ),
    ];
    for (place, (method, at, fields, body, status)) in calls.iter().enumerate() {
        let key = format!("key {place}");
        let mut fields = fields.clone();
        fields.push(("idempotency-key", &key));
        let first = shop.ask(&shop.customer, method, at, &fields, body).await;
        assert_eq!(first.status, *status, "{method} {at}: {first:?}");
        let again = shop.ask(&shop.customer, method, at, &fields, body).await;
        assert_eq!(
            (again.status, &again.body),
            (first.status, &first.body),
            "{at}"
        );
        assert_eq!(again.field("idempotent-replayed"), "true", "{at}");
    }
    let refunds = "select count(*) from outbox where type = 'order.cancelled'";
    assert_eq!(shop.count(refunds).await, 1);
    assert_eq!(shop.count("select count(*) from payment_methods").await, 1);
    // Without a key nothing is kept.
    let keys = shop.kept_keys().await;
    let fields = [JSON];
    let keyless = shop
        .ask(
            &shop.customer,
            "POST",
            &methods,
            &fields,
            r#"{"method":"pm_card_visa"}"#,
        )
        .await;
    assert_eq!(
        (keyless.status, keyless.field("idempotent-replayed")),
        (201, "")
    );
    assert_eq!(shop.kept_keys().await, keys);
}

#[tokio::test]
async fn ones_own_keys_can_be_looked_at() {
    let shop = Shop::open().await;
    let order = shop.confirmed("a/b c").await;
    let look = |token: &str, key: &str| {
        let (shop, token) = (shop.clone(), token.to_owned());
        let at = format!("/idempotency-keys/{key}");
        async move { shop.ask(&token, "GET", &at, &[], "").await }
    };
    let found = look(&shop.customer, "a%2Fb%20c").await;
    assert_eq!(found.status, 200, "{found:?}");
    let key = found.json();
    assert_eq!(
        (&key["object"], &key["key"]),
        (&json!("idempotency_key"), &json!("a/b c"))
    );
    assert_eq!(
        (&key["status"], &key["kind"]),
        (&json!("completed"), &json!("order"))
    );
    assert_eq!(
        (&key["order_id"], &key["response_status"]),
        (&order["id"], &json!(201))
    );
    for (token, key, status) in [
        (shop.admin.as_str(), "a%2Fb%20c", 404),
        (&shop.customer, "unknown", 404),
        (&shop.customer, "%00", 404),
        ("", "a", 401),
    ] {
        assert_eq!(look(token, key).await.status, status, "{key}");
    }
    shop.provider.breaks([crate::provider::Fault::RequestLost]);
    let products = shop.plenty().await;
    let new = crate::harness::order(&[(&products[0], 1)], "pm_card_visa");
    shop.order("open", &new).await;
    let open = look(&shop.customer, "open").await.json();
    assert_eq!(
        (&open["status"], &open["completed_at"]),
        (&json!("in_progress"), &Value::Null)
    );
}
