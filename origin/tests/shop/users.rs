//! Users: registering, changing oneself, being forgotten; and their payment methods.

use serde_json::{Value, json};
use shared::caller::Role;

use crate::callers::{JSON, MERGE, PATCH, Refused};
use crate::harness::Shop;

fn ada() -> String {
    format!("/users/{}", origin::seed::customer())
}

fn new_user(email: &str) -> Value {
    json!({"email": email, "name": "Zoë 👩‍🚀", "password": "correct horse", "phone": "+41446681800",
        "address": {"name": "Zoë", "line1": "1 Main St", "city": "Bern", "postal_code": "3000",
            "country": "CH"}})
}

/// Registers somebody and gives path and token.
async fn registered(shop: &Shop, email: &str) -> (String, String) {
    let answer = shop
        .ask("", "POST", "/users", &[JSON], &new_user(email).to_string())
        .await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    (
        format!("/users/{id}"),
        shop.token(&id, Role::Customer).await,
    )
}

async fn hash_of(shop: &Shop, path: &str) -> Option<String> {
    let id: shared::id::UserId = path.trim_start_matches("/users/").parse().unwrap();
    sqlx::query_scalar("select password_hash from users where id = $1")
        .bind(id.uuid())
        .fetch_one(&shop.app.shop.pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn anybody_registers_and_no_password_comes_out() {
    let shop = Shop::open().await;
    let body = new_user("Zoe@Example.com").to_string();
    let made = shop.ask("", "POST", "/users", &[JSON], &body).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.field("etag"), "\"1\"");
    assert_eq!(made.field("cache-control"), "private, no-store");
    let user = made.json();
    let id = user["id"].as_str().unwrap();
    assert_eq!(made.field("location"), format!("/users/{id}"));
    assert_eq!(user["object"], "user");
    assert_eq!(user["name"], "Zoë 👩‍🚀");
    assert_eq!(
        (&user["role"], &user["version"]),
        (&json!("customer"), &json!(1))
    );
    let text = String::from_utf8(made.body.to_vec()).unwrap();
    assert!(
        !text.contains("horse") && !text.contains("argon2"),
        "{text}"
    );
    let hash = hash_of(&shop, made.field("location")).await.unwrap();
    assert!(
        hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{hash}"
    );

    // One address, whatever its case, is one person.
    let again = new_user("zoe@example.COM").to_string();
    let taken = shop.ask("", "POST", "/users", &[JSON], &again).await;
    assert_eq!((taken.status, taken.code().as_str()), (409, "email_taken"));
    assert_eq!(taken.json()["errors"][0]["pointer"], "/email");

    let other = new_user("other@example.com").to_string();
    let minimal = ("prefer", "return=minimal");
    let made = shop
        .ask("", "POST", "/users", &[JSON, minimal], &other)
        .await;
    assert_eq!((made.status, made.body.len()), (201, 0));
    assert_eq!(made.field("preference-applied"), "return=minimal");
    assert!(made.field("location").starts_with("/users/usr_"));
    assert_eq!(made.field("etag"), "\"1\"");

    for (fields, body, status, code) in [
        (vec![], body.as_str(), 415, "media_type_unsupported"),
        (vec![JSON], "{}", 400, "body_invalid"),
        (vec![JSON], "{", 400, "body_invalid"),
    ] {
        let refused = shop.ask("", "POST", "/users", &fields, body).await;
        assert_eq!((refused.status, refused.code().as_str()), (status, code));
    }
    assert_eq!(shop.count("select count(*) from users").await, 4);
}

#[tokio::test]
async fn the_printed_token_reads_its_own_user() {
    let shop = Shop::open().await;
    let read = shop.ask(&shop.customer, "GET", &ada(), &[], "").await;
    assert_eq!(read.status, 200, "{read:?}");
    assert_eq!(read.json()["email"], "ada@example.com");
    let tag = read.field("etag").to_owned();
    let same = shop
        .ask(
            &shop.customer,
            "GET",
            &ada(),
            &[("if-none-match", &tag)],
            "",
        )
        .await;
    assert_eq!((same.status, same.body.len()), (304, 0));
    assert_eq!(same.field("etag"), tag);
}

#[tokio::test]
async fn refusals_come_in_their_order() {
    let shop = Shop::open().await;
    let (other, stranger) = registered(&shop, "zoe@example.com").await;
    let support = shop.token("usr_support", Role::Support).await;
    let me = shop.customer.clone();
    let nobody = "/users/usr_00000000000000000000000000";
    let good = r#"{"email":"ada@example.com","name":"Ada"}"#;
    let stale_version = r#"{"email":"ada@example.com","name":"Ada","version":9}"#;
    let taken = r#"{"email":"ZOE@example.com","name":"Ada"}"#;
    let tag = ("if-match", "\"1\"");
    let stale = ("if-match", "\"9\"");
    let weak = ("if-match", "W/\"1\"");
    let exists = ("if-none-match", "*");
    let path = ada();
    let rows: Vec<Refused<'_>> = vec![
        ("", "GET", &path, vec![], "", 401, "token_missing"),
        (&me, "GET", &other, vec![], "", 404, "not_found"),
        (&me, "GET", nobody, vec![], "", 404, "not_found"),
        (&me, "GET", "/users/x", vec![], "", 404, "not_found"),
        ("", "PUT", &path, vec![JSON], good, 401, "token_missing"),
        (&support, "PUT", &path, vec![], "{", 403, "scope_missing"),
        (
            &me,
            "PUT",
            &other,
            vec![],
            "{",
            415,
            "media_type_unsupported",
        ),
        (&me, "PUT", &other, vec![JSON], "{", 400, "body_invalid"),
        (
            &me,
            "PUT",
            &path,
            vec![JSON],
            r#"{"name":"Ada"}"#,
            400,
            "body_invalid",
        ),
        (&me, "PUT", &other, vec![JSON], good, 404, "not_found"),
        (&me, "PUT", nobody, vec![JSON], good, 404, "not_found"),
        (
            &me,
            "PUT",
            &path,
            vec![JSON],
            good,
            428,
            "precondition_required",
        ),
        (
            &me,
            "PUT",
            &path,
            vec![JSON, stale],
            stale_version,
            412,
            "precondition_failed",
        ),
        (
            &me,
            "PUT",
            &path,
            vec![JSON, weak],
            good,
            412,
            "precondition_failed",
        ),
        (
            &me,
            "PUT",
            &path,
            vec![JSON, tag, exists],
            good,
            412,
            "precondition_failed",
        ),
        (
            &me,
            "PUT",
            &path,
            vec![JSON, tag],
            stale_version,
            409,
            "version_conflict",
        ),
        (
            &me,
            "PUT",
            &path,
            vec![JSON, tag],
            taken,
            409,
            "email_taken",
        ),
        (
            &me,
            "PATCH",
            &path,
            vec![JSON],
            "{}",
            415,
            "media_type_unsupported",
        ),
        (&me, "PATCH", &other, vec![MERGE], "{}", 404, "not_found"),
        (
            &me,
            "PATCH",
            &path,
            vec![MERGE],
            "{}",
            428,
            "precondition_required",
        ),
        (
            &me,
            "PATCH",
            &path,
            vec![MERGE, stale],
            "{}",
            412,
            "precondition_failed",
        ),
        (
            &me,
            "PATCH",
            &path,
            vec![MERGE, tag],
            r#"{"version":9}"#,
            409,
            "version_conflict",
        ),
        (
            &me,
            "PATCH",
            &path,
            vec![MERGE, tag],
            r#"{"role":"admin"}"#,
            400,
            "body_invalid",
        ),
        (
            &me,
            "PATCH",
            &path,
            vec![MERGE, tag],
            r#"{"name":null}"#,
            400,
            "body_invalid",
        ),
        (
            &me,
            "PATCH",
            &path,
            vec![PATCH, tag],
            r#"[{"op":"test","path":"/name","value":"Bob"}]"#,
            409,
            "patch_test_failed",
        ),
        (
            &support,
            "DELETE",
            &path,
            vec![tag],
            "",
            403,
            "scope_missing",
        ),
        (&me, "DELETE", &other, vec![], "", 404, "not_found"),
        (&stranger, "DELETE", &path, vec![tag], "", 404, "not_found"),
        (
            &me,
            "DELETE",
            &path,
            vec![],
            "",
            428,
            "precondition_required",
        ),
        (
            &me,
            "DELETE",
            &path,
            vec![stale],
            "",
            412,
            "precondition_failed",
        ),
    ];
    for (token, method, path, fields, body, status, code) in rows {
        let answer = shop.ask(token, method, path, &fields, body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{method} {path} {fields:?} {body}"
        );
        if status == 412 || code == "version_conflict" {
            assert_eq!(answer.field("etag"), "\"1\"", "the current one");
        }
        if method == "PATCH" && status == 415 {
            assert_eq!(
                answer.field("accept-patch"),
                "application/merge-patch+json, application/json-patch+json"
            );
        }
    }
    // Nothing of it was written, and support and admin may look.
    for token in [&support, &shop.admin, &shop.customer] {
        let read = shop.ask(token, "GET", &ada(), &[], "").await;
        assert_eq!((read.status, read.field("etag")), (200, "\"1\""));
    }
}

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

#[tokio::test]
async fn a_profile_counts_and_a_users_orders_are_listed() {
    let shop = Shop::open().await;
    let (other, stranger) = registered(&shop, "zoe@example.com").await;
    let profile = format!("{}/profile", ada());
    let fresh = shop.ask(&shop.customer, "GET", &profile, &[], "").await;
    assert_eq!(fresh.json()["orders_count"], 0);
    assert_eq!(fresh.json()["last_order_at"], Value::Null);
    let mut last = Value::Null;
    for key in ["a", "b", "c"] {
        shop.clock.advance_ms(1000);
        last = shop.confirmed(key).await;
    }
    let read = shop.ask(&shop.customer, "GET", &profile, &[], "").await;
    let seen = read.json();
    assert_eq!(
        (&seen["object"], &seen["orders_count"]),
        (&json!("profile"), &json!(3))
    );
    assert_eq!(seen["last_order_at"], last["created_at"]);
    assert_eq!(seen["user_id"], origin::seed::customer().to_string());
    assert!(seen["member_since"].is_string() && read.field("etag") != fresh.field("etag"));

    let orders = format!("{}/orders", ada());
    let support = shop.token("usr_support", Role::Support).await;
    for token in [&shop.customer, &shop.admin, &support] {
        let page = shop
            .ask(token, "GET", &format!("{orders}?limit=2"), &[], "")
            .await;
        assert_eq!(page.status, 200, "{page:?}");
        let page_json = page.json();
        assert_eq!(page_json["data"].as_array().unwrap().len(), 2);
        assert_eq!(page_json["data"][0]["id"], last["id"]);
        let cursor = page_json["next_cursor"].as_str().unwrap();
        let next = format!("{orders}?limit=2&cursor={cursor}");
        let rest = shop.ask(token, "GET", &next, &[], "").await;
        assert_eq!(rest.json()["data"].as_array().unwrap().len(), 1);
        assert!(rest.field("link").contains("rel=\"prev\""), "{rest:?}");
        // A cursor is of this list and this caller's.
        let elsewhere = format!("{other}/orders?limit=2&cursor={cursor}");
        let stolen = shop.ask(&shop.admin, "GET", &elsewhere, &[], "").await;
        assert_eq!(stolen.code(), "cursor_mismatch");
    }
    for (path, token) in [
        (&orders, &stranger),
        (&profile, &stranger),
        (&orders, &String::new()),
    ] {
        let refused = shop.ask(token, "GET", path, &[], "").await;
        assert_eq!(refused.status, if token.is_empty() { 401 } else { 404 });
    }
    let none = shop
        .ask(&stranger, "GET", &format!("{other}/orders"), &[], "")
        .await;
    assert_eq!(none.json()["data"], json!([]));
}

#[tokio::test]
async fn payment_methods_come_and_go() {
    let shop = Shop::open().await;
    let methods = format!("{}/payment-methods", ada());
    let (_, stranger) = registered(&shop, "zoe@example.com").await;
    let support = shop.token("usr_support", Role::Support).await;
    let mut made = Vec::new();
    for body in [
        json!({"method": "pm_card_visa", "label": "Ada's 💳", "default": true}),
        json!({"method": "pm_card_slow", "default": true}),
        json!({"method": "pm_card_expired"}),
    ] {
        shop.clock.advance_ms(1);
        let answer = shop
            .ask(&shop.customer, "POST", &methods, &[JSON], &body.to_string())
            .await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let method = answer.json();
        let id = method["id"].as_str().unwrap().to_owned();
        assert!(id.starts_with("pmt_"), "{id}");
        assert_eq!(answer.field("location"), format!("{methods}/{id}"));
        made.push(id);
    }
    let list = shop.ask(&support, "GET", &methods, &[], "").await.json();
    assert_eq!(
        (&list["object"], &list["has_more"]),
        (&json!("list"), &json!(false))
    );
    let seen: Vec<_> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|method| (method["id"].as_str().unwrap(), method["default"] == true))
        .collect();
    assert_eq!(
        seen,
        [
            (made[2].as_str(), false),
            (&made[1], true),
            (&made[0], false)
        ]
    );

    let one = format!("{methods}/{}", made[0]);
    let read = shop.ask(&shop.customer, "GET", &one, &[], "").await;
    assert_eq!(
        (read.status, &read.json()["label"]),
        (200, &json!("Ada's 💳"))
    );
    let tag = read.field("etag").to_owned();
    let good = r#"{"method":"pm_card_visa"}"#;
    for (token, method, path, fields, body, status, code) in [
        (
            stranger.as_str(),
            "GET",
            methods.as_str(),
            vec![],
            "",
            404,
            "not_found",
        ),
        (&stranger, "GET", &one, vec![], "", 404, "not_found"),
        (
            &stranger,
            "POST",
            &methods,
            vec![JSON],
            good,
            404,
            "not_found",
        ),
        (&stranger, "DELETE", &one, vec![], "", 404, "not_found"),
        (
            &support,
            "POST",
            &methods,
            vec![JSON],
            good,
            403,
            "scope_missing",
        ),
        ("", "GET", &methods, vec![], "", 401, "token_missing"),
        (
            &shop.customer,
            "POST",
            &methods,
            vec![],
            good,
            415,
            "media_type_unsupported",
        ),
        (
            &shop.customer,
            "POST",
            &methods,
            vec![JSON],
            "{}",
            400,
            "body_invalid",
        ),
        (
            &shop.customer,
            "GET",
            &format!("{methods}/pmt_x"),
            vec![],
            "",
            404,
            "not_found",
        ),
        (
            &shop.customer,
            "GET",
            &format!("{methods}?x=1"),
            vec![],
            "",
            400,
            "request_invalid",
        ),
        (
            &shop.customer,
            "DELETE",
            &one,
            vec![("if-match", "\"x\"")],
            "",
            412,
            "precondition_failed",
        ),
    ] {
        let answer = shop.ask(token, method, path, &fields, body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{method} {path}"
        );
    }
    let gone = shop
        .ask(&shop.customer, "DELETE", &one, &[("if-match", &tag)], "")
        .await;
    assert_eq!(gone.status, 204, "{gone:?}");
    assert_eq!(
        shop.ask(&shop.customer, "DELETE", &one, &[], "")
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn twenty_payment_methods_are_the_most_however_they_come() {
    let shop = Shop::open().await;
    let methods = format!("{}/payment-methods", ada());
    let tasks: Vec<_> = (0..24)
        .map(|_| {
            let (shop, methods) = (shop.clone(), methods.clone());
            tokio::spawn(async move {
                let body = r#"{"method":"pm_card_visa","default":true}"#;
                let answer = shop
                    .ask(&shop.customer, "POST", &methods, &[JSON], body)
                    .await;
                (answer.status, answer.code())
            })
        })
        .collect();
    let mut refused = 0;
    for task in tasks {
        match task.await.unwrap() {
            (201, _) => {}
            (409, code) if code == "limit_reached" => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(refused, 4);
    assert_eq!(shop.count("select count(*) from payment_methods").await, 20);
    assert_eq!(
        shop.count("select count(*) from payment_methods where is_default")
            .await,
        1
    );
}
