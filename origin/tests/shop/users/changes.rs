//! PUT replaces, PATCH merges, DELETE forgets; of two at once one wins.

use serde_json::{Value, json};

use super::{ada, hash_of, registered};
use crate::callers::{JSON, MERGE, PATCH};
use crate::harness::Shop;

#[tokio::test]
async fn put_replaces_all_and_patch_wipes_nothing() {
    let shop = Shop::open().await;
    let (at, token) = registered(&shop, "zoe@example.com").await;
    let hash = hash_of(&shop, &at).await;
    let before = shop.ask(&token, "GET", &at, &[], "").await.json();
    let mut version = 1;
    let address = json!({"name": "Z", "line1": "2 Side St", "city": "Bern", "postal_code": "3000",
        "country": "CH"});
    // Each member alone: it changes, and no other does.
    for (member, value) in [
        ("name", json!("Zoë")),
        ("phone", Value::Null),
        ("phone", json!("+441234567890")),
        ("email", json!("zoe@example.net")),
        ("address", address),
        ("address", Value::Null),
    ] {
        let tag = format!("\"{version}\"");
        let read = shop.ask(&token, "GET", &at, &[], "").await.json();
        let patch = json!({ member: value }).to_string();
        let changed = shop
            .ask(&token, "PATCH", &at, &[MERGE, ("if-match", &tag)], &patch)
            .await;
        assert_eq!(changed.status, 200, "{changed:?}");
        version += 1;
        let mut expected = read;
        expected[member] = value;
        expected["version"] = json!(version);
        assert_eq!(changed.json(), expected);
        assert_eq!(changed.field("etag"), format!("\"{version}\""));
    }
    assert_eq!(hash_of(&shop, &at).await, hash, "the password stays");

    let patch = r#"[{"op":"test","path":"/phone","value":"+441234567890"},
        {"op":"replace","path":"/name","value":"Zoé"},{"op":"remove","path":"/phone"},
        {"op":"add","path":"/password","value":"another horse"}]"#;
    let fields = [PATCH, ("if-match", "*"), ("prefer", "return=minimal")];
    let changed = shop.ask(&token, "PATCH", &at, &fields, patch).await;
    assert_eq!((changed.status, changed.body.len()), (204, 0));
    assert_eq!(changed.field("etag"), format!("\"{}\"", version + 1));
    let renewed = hash_of(&shop, &at).await;
    assert!(renewed.is_some() && renewed != hash, "the password is new");

    // What PUT leaves out is gone, but for the password.
    let put = json!({"email": "z@example.com", "name": "Z", "phone": "+441234567890"});
    let fields = [JSON, ("if-match", "*")];
    let replaced = shop
        .ask(&token, "PUT", &at, &fields, &put.to_string())
        .await;
    assert_eq!(replaced.status, 200, "{replaced:?}");
    let put = json!({"email": "z@example.com", "name": "Z", "version": version + 2});
    let replaced = shop
        .ask(&token, "PUT", &at, &fields, &put.to_string())
        .await;
    let user = replaced.json();
    assert_eq!(
        (&user["phone"], &user["address"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(user["version"], version + 3);
    for kept in ["object", "id", "role", "created_at"] {
        assert_eq!(user[kept], before[kept], "{kept}");
    }
    assert_eq!(hash_of(&shop, &at).await, renewed);
}

#[tokio::test]
async fn of_many_changes_with_one_tag_one_wins() {
    let shop = Shop::open().await;
    let tasks: Vec<_> = (0..8)
        .map(|number| {
            let shop = shop.clone();
            tokio::spawn(async move {
                let patch = json!({"name": format!("Ada {number}")}).to_string();
                let fields = [MERGE, ("if-match", "\"1\"")];
                shop.ask(&shop.customer, "PATCH", &ada(), &fields, &patch)
                    .await
            })
        })
        .collect();
    let mut statuses = Vec::new();
    for task in tasks {
        statuses.push(task.await.unwrap().status);
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
    let read = shop.ask(&shop.customer, "GET", &ada(), &[], "").await;
    assert_eq!(read.json()["version"], 2);

    // Who takes any state loses no change of another.
    let changes = [
        json!({"name": "Ada"}),
        json!({"phone": "+41446681800"}),
        json!({"address": null}),
    ];
    let tasks: Vec<_> = changes
        .into_iter()
        .map(|patch| {
            let shop = shop.clone();
            tokio::spawn(async move {
                let fields = [MERGE, ("if-match", "*")];
                shop.ask(&shop.customer, "PATCH", &ada(), &fields, &patch.to_string())
                    .await
                    .status
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), 200);
    }
    let user = shop
        .ask(&shop.customer, "GET", &ada(), &[], "")
        .await
        .json();
    assert_eq!(
        (
            &user["name"],
            &user["phone"],
            &user["address"],
            &user["version"]
        ),
        (
            &json!("Ada"),
            &json!("+41446681800"),
            &Value::Null,
            &json!(5)
        )
    );
}

#[tokio::test]
async fn a_deleted_user_is_forgotten_and_its_orders_stay() {
    let shop = Shop::open().await;
    shop.confirmed("k").await;
    let card = r#"{"method":"pm_card_visa"}"#;
    let methods = format!("{}/payment-methods", ada());
    let kept = shop
        .ask(&shop.customer, "POST", &methods, &[JSON], card)
        .await;
    assert_eq!(kept.status, 201, "{kept:?}");
    let tag = ("if-match", "\"1\"");
    let gone = shop.ask(&shop.customer, "DELETE", &ada(), &[tag], "").await;
    assert_eq!((gone.status, gone.body.len()), (204, 0), "{gone:?}");
    // 404 comes before 428: a DELETE that is repeated blindly is told the truth.
    let orders = format!("{}/orders", ada());
    let profile = format!("{}/profile", ada());
    for (method, path) in [
        ("DELETE", &ada()),
        ("GET", &ada()),
        ("GET", &profile),
        ("GET", &orders),
        ("GET", &methods),
    ] {
        for token in [&shop.customer, &shop.admin] {
            let answer = shop.ask(token, method, path, &[], "").await;
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (404, "not_found"),
                "{path}"
            );
        }
    }
    let late = shop
        .ask(&shop.customer, "POST", &methods, &[JSON], card)
        .await;
    assert_eq!(late.status, 404);
    assert_eq!(
        shop.count(
            "select count(*) from users where deleted_at is not null and email is null
             and name = '' and phone is null and address is null and password_hash is null"
        )
        .await,
        1
    );
    assert_eq!(shop.count("select count(*) from payment_methods").await, 0);
    assert_eq!(
        shop.count("select count(*) from orders where customer_id like 'usr\\_%'")
            .await,
        1
    );
    registered(&shop, "ada@example.com").await;
}
